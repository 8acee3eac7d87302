import type { EndSignal } from './light-signal'

/**
 * The way to an upstream. One pair of files serves Node's sockets (`node/transport.ts`), one every other runtime
 * (`web/fetch-transport.ts`); `describeTransport` holds both to the same behaviour.
 */
export interface Transport {
  /**
   * Sends one request and gives the head of its answer. Follows no redirect, and retries nothing but a kept connection that
   * turns out to be closed. Rejects with a `StreamError` of code `upstream_unreachable`, `upstream_dns`, `upstream_tls`,
   * `upstream_address_blocked`, `upstream_timeout` (connect), `upstream_error` (no HTTP) or `upstream_bad_content_type`.
   * When `signal` aborts before that, the call rejects with its reason and the connection is closed at once; the body of an answer is
   * the caller's to cancel.
   */
  open: (request: TransportRequest, signal: EndSignal) => Promise<TransportResponse>
  /** Closes idle connections. */
  close?: () => Promise<void>
}

export interface TransportRequest {
  url: URL
  method: 'POST'
  /** Lower-case names. Everything that is sent is in here. */
  headers: Record<string, string>
  body: Uint8Array
  /** Whether the host may resolve to a private, loopback or link-local address. */
  allowPrivate: boolean
  /** Milliseconds for DNS, TCP and TLS together. */
  connectTimeout: number
}

export interface TransportResponse {
  status: number
  /** Lower-case names; repeated headers joined by a comma. */
  headers: Record<string, string>
  body: TransportBody
}

/**
 * The answer's bytes, pushed: no promise and no stream object between two sockets. Nothing is read before `start`.
 * Content encodings are undone here, so that chunks are the bytes that the caller's limits count.
 */
export interface TransportBody {
  start: (listener: BodyListener) => void
  /** No more chunks until `resume`, save one already under way. */
  pause: () => void
  resume: () => void
  /**
   * Nothing more is wanted; no listener is called any more. A body that ends now by itself leaves its connection for the next
   * request; one that goes on is cancelled.
   */
  finish: () => void
  /** Closes the connection; no listener is called any more. Safe to call twice, and before `start`. */
  cancel: () => void
}

export interface BodyListener {
  /** Bytes of the answer. They are the listener's from now on: the transport never writes into them again. */
  chunk: (bytes: Uint8Array) => void
  /** The body came to its proper end. Called once, or `fail` is. */
  end: () => void
  /** The connection broke in the body (`upstream_reset`). */
  fail: (error: unknown) => void
}
