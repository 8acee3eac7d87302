import type { Exchange } from './exchange'
import { relayError } from './failures'
import type { EndSignal } from './light-signal'
import { LightSignal, onAbort } from './light-signal'

export interface BodyBounds {
  /** Bytes. */
  bodyBytes: number
  /** Milliseconds for all of it. */
  timeout: number
  /** Aborts when the client is gone. */
  signal: EndSignal
}

/** A JSON object, with the bytes that it took. */
export interface JsonBody {
  bytes: number
  value: Record<string, unknown>
}

/** Reads a request's body, counting while reading. Throws `body_too_large`, `body_timeout` or `invalid_request`; then a part of it was not taken. */
export async function readBody(exchange: Exchange, { bodyBytes, timeout, signal }: BodyBounds): Promise<Uint8Array> {
  const deadline = new LightSignal()
  const timer = setTimeout(() => deadline.abort(relayError('body_timeout')), timeout)
  const unlink = onAbort(signal, () => deadline.abort(signal.reason))
  try {
    return await exchange.readBody(bodyBytes, deadline)
  }
  finally {
    clearTimeout(timer)
    unlink()
  }
}

/** Parses a request's JSON object. Throws `invalid_request`. */
export function parseBody(bytes: Uint8Array, depth: number): JsonBody {
  const value = parse(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw relayError('invalid_request', { message: 'The request body must be a JSON object.' })
  }
  if (isDeeperThan(value, depth)) {
    throw relayError('invalid_request', { message: `The request body is nested deeper than ${depth} levels.` })
  }
  return { bytes: bytes.byteLength, value: value as Record<string, unknown> }
}

const strictly = new TextDecoder('utf-8', { fatal: true })

/** [spec] JSON is UTF-8, https://www.rfc-editor.org/rfc/rfc8259#section-8.1; lenient decoding would change what a filter saw. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(strictly.decode(bytes))
  }
  catch {
    // The parser's own message quotes the body.
    throw relayError('invalid_request', { message: 'The request body is not valid JSON in UTF-8.' })
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  return inner.some(value => isDeeperThan(value, depth - 1))
}
