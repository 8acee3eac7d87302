import type { ErrorJson, StreamError } from '../../shared/errors'
import { ERROR_FRAME } from '../../shared/wire'
import type { Sink } from './sink'

/** Headers of every answer. `[should]` The upstream's own are never among them. */
const COMMON = { 'vary': 'Cookie, Authorization, Origin', 'x-content-type-options': 'nosniff' }

/**
 * `no-transform` keeps most proxies from compressing; nginx does not know it, but stops gathering an answer for
 * `x-accel-buffering` (without it the first event of a compressed stream arrived ten seconds late).
 */
const SSE = {
  ...COMMON,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
}

const JSON_TYPE = { ...COMMON, 'content-type': 'application/json', 'cache-control': 'no-store' }

/** In place of headers that have left: an open stream keeps none. */
export const NO_HEADERS: Record<string, string> = Object.freeze({})

/** `[spec]` A comment, which every reader of SSE ignores. */
const HEARTBEAT_FRAME = Uint8Array.of(0x3A, 0x0A, 0x0A)

const encoder = new TextEncoder()

/** The answer to one request: knows whether the status can still change, and says an error in the way that is left. */
export class Answer {
  /** The status is out; an error can only be a frame now. */
  started = false
  /** Status of the answer, 200 until an error makes it another. */
  status = 200

  constructor(private readonly sink: Sink, private headers: Record<string, string>, private readonly requestId: string) {}

  /** Frames and heartbeats. The first bytes take the head along. `false`: wait for `sink.drained()`. */
  write(bytes: Uint8Array): boolean {
    if (!this.started) {
      this.started = true
      this.sink.head(200, { ...SSE, ...this.headers })
      this.headers = NO_HEADERS
    }
    return this.sink.write(bytes)
  }

  /** Says that there is somebody: proxies and clients give up a connection that is silent. */
  beat(): void {
    this.write(HEARTBEAT_FRAME)
  }

  /** A whole JSON answer. */
  json(bytes: Uint8Array): void {
    this.started = true
    sendJson(this.sink, 200, bytes, this.headers)
  }

  /** Before the head a status and a JSON body, after it one error frame; then the end. */
  fail(error: StreamError): void {
    const json = errorJson(error, this.requestId)
    if (this.started) {
      this.sink.write(encoder.encode(`event: ${ERROR_FRAME}\ndata: ${JSON.stringify({ error: json })}\n\n`))
      return this.sink.end()
    }
    this.started = true
    this.status = json.status
    sendError(this.sink, error, this.headers, this.requestId)
  }

  end(): void {
    this.sink.end()
  }
}

/** Answers with an error instead of what was asked for. */
export function sendError(sink: Sink, error: StreamError, headers: Record<string, string>, requestId: string): void {
  const json = errorJson(error, requestId)
  sendJson(sink, json.status, encoder.encode(JSON.stringify({ error: json })), { ...retryHeaders(json), ...headers })
}

/** An answer that is its status. */
export function sendEmpty(sink: Sink, status: 202 | 204, headers: Record<string, string>): void {
  sink.head(status, { ...COMMON, 'cache-control': 'no-store', ...(status === 202 && { 'content-length': '0' }), ...headers })
  sink.end()
}

function sendJson(sink: Sink, status: number, bytes: Uint8Array, headers: Record<string, string>): void {
  sink.head(status, { ...JSON_TYPE, 'content-length': String(bytes.length), ...headers })
  sink.write(bytes)
  sink.end()
}

function errorJson(error: StreamError, requestId: string): ErrorJson {
  return { ...error.toJSON(), requestId }
}

/** `x-should-retry` keeps OpenAI's client from multiplying our own retries. */
function retryHeaders({ status, retryable, retryAfterMs }: ErrorJson): Record<string, string> {
  const headers: Record<string, string> = { 'x-should-retry': String(retryable) }
  if (retryAfterMs !== undefined && (status === 429 || status === 503)) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
    headers['retry-after-ms'] = String(Math.round(retryAfterMs))
  }
  return headers
}
