import type { EndSignal } from './light-signal'
import type { ClientSink } from './sink'

/** One HTTP request and the way to answer it, in no framework's words. */
export interface Exchange {
  method: string
  /** Path and query exactly as on the request line: raw, undecoded. */
  url: string
  /** Lower-case names; repeated headers joined by a comma. */
  headers: Record<string, string | undefined>
  /** `http` or `https`, as this process sees it. */
  scheme: 'http' | 'https'
  /** Address of the peer's socket, or what the platform says it is; `undefined` when nobody knows. */
  address: string | undefined
  /**
   * Reads the body, counting while reading. Rejects with `StreamError` `body_too_large`, or with the signal's reason.
   * Nothing is read before the call. After a rejection the rest of the body is not taken.
   */
  readBody: (limit: number, signal: EndSignal) => Promise<Uint8Array>
  /** The body is not wanted. Its client may send the rest of it for a moment, to be thrown away; then its connection is closed. */
  leaveBody?: () => void
  sink: ClientSink
  /** What hooks get as `event`: the H3Event, the `Request`, or the `IncomingMessage`. */
  event: unknown
  /** Keeps the process (or isolate) at work until the promise settles, where a platform needs to be told. */
  waitUntil?: (promise: Promise<unknown>) => void
}
