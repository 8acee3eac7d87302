import type { RelayErrorCode, StreamError } from '../../shared/errors'
import { errorFromJson } from '../../shared/errors'
import { isObject } from '../../shared/protocols/json'
import { holdsError, toUpstreamError } from '../../shared/protocols/upstream-error'
import { relayError } from './failures'

/** Codes that cross to the browser as `upstreamCode`; no other word of an upstream does. */
const LISTED = new Set(['context_length_exceeded', 'content_filter', 'invalid_image', 'model_not_found', 'insufficient_quota'])

/** The error that a message or a whole JSON answer reports, in whatever shape (wire.md §5); `undefined` when it reports none. */
export function reportedError(value: unknown): StreamError | undefined {
  const report = unwrap(value)
  return isObject(report) && holdsError(report) ? errorOf(report) : undefined
}

/**
 * Codes that mean the same to our client when the upstream is a relay of this kind. Others say how that relay's client, which is
 * us, may use it: they are judged by their status.
 */
const NESTED = new Set<string>([
  'upstream_rejected', 'upstream_auth', 'upstream_quota', 'upstream_rate_limited', 'upstream_unavailable', 'upstream_timeout', 'upstream_error',
  'upstream_unreachable', 'upstream_dns', 'upstream_tls', 'upstream_address_blocked', 'upstream_redirect_blocked', 'upstream_bad_content_type',
  'upstream_reset', 'upstream_truncated', 'event_too_large', 'stream_limit', 'idle_timeout', 'total_timeout', 'stopped',
] satisfies RelayErrorCode[])

/** The error of a message that is one: kind and whether to try again are the upstream's, the words are ours. */
export function errorOf(report: unknown): StreamError {
  const nested = nestedError(report)
  if (nested) return nested
  const { code, retryable, upstreamCode } = toUpstreamError(report)
  // It gives codes of upstream failures only, all of which the relay has.
  return relayError(code as RelayErrorCode, { retryable, upstreamCode: listed(upstreamCode) })
}

/** The error that an answer's status stands for (relay.md §3), with the JSON that came as its body. */
export function errorOfStatus(status: number, body: unknown, retryAfterMs: number | undefined): StreamError {
  const nested = nestedError(body, retryAfterMs)
  if (nested) return nested
  const { code, upstreamCode } = toUpstreamError(unwrap(body))
  const init = { upstreamCode: listed(upstreamCode), retryAfterMs, cause: { status } }
  switch (status) {
    case 400: case 409: case 413: case 422: return relayError('upstream_rejected', init)
    case 401: case 403: return relayError('upstream_auth', init)
    case 402: return relayError('upstream_quota', init)
    case 408: case 504: return relayError('upstream_timeout', init)
    case 429: return relayError(code === 'upstream_quota' ? 'upstream_quota' : 'upstream_rate_limited', init)
    case 498: case 503: case 529: return relayError('upstream_unavailable', init)
  }
  if (status >= 300 && status < 400) return relayError('upstream_redirect_blocked', init)
  if (status >= 400 && status < 500) return relayError('upstream_rejected', { ...init, status: 502 })
  return relayError('upstream_error', init)
}

/** The error of a relay behind this one, whose code is kept. Anybody can speak like a relay, so the words are ours all the same. */
function nestedError(body: unknown, retryAfterMs?: number): StreamError | undefined {
  const error = errorFromJson(body)
  if (!error || !NESTED.has(error.code)) return
  return relayError(error.code as RelayErrorCode, { // as the set says
    upstreamCode: listed(error.upstreamCode), retryAfterMs, ...(error.status === 502 && { status: 502 }),
  })
}

/** `undefined` when the bytes are no JSON. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  }
  catch {
    return undefined
  }
}

/** `[wire]` Gemini's compatible endpoint wraps the error body in an array. */
function unwrap(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

function listed(code: string | undefined): string | undefined {
  return code !== undefined && LISTED.has(code) ? code : undefined
}
