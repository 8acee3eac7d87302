import type { StreamError } from '../../shared/errors'
import { relayError } from './failures'

/** What an upstream's error object says that the relay may act on. Its message is never read. */
export interface UpstreamError {
  /** HTTP status, where one is named. */
  status: number | undefined
  /** All words that name its kind: `code`, `type`, `status`. */
  words: readonly string[]
}

/** Codes that cross to the browser as `upstreamCode`; no other word of an upstream does. */
const LISTED = new Set(['context_length_exceeded', 'content_filter', 'invalid_image', 'model_not_found', 'insufficient_quota'])

const QUOTA = new Set(['insufficient_quota', 'billing_hard_limit_reached', 'quota_exceeded', 'billing_error', 'credit_balance_too_low'])
const RATE = new Set(['rate_limit_exceeded', 'rate_limit_error', 'rate_limited', 'too_many_requests', 'tokens', 'requests', 'RESOURCE_EXHAUSTED'])
const OVERLOAD = new Set(['overloaded_error', 'overloaded', 'server_overloaded', 'engine_overloaded', 'capacity_exceeded', 'service_unavailable', 'UNAVAILABLE'])

/** Reads the error object of any provider (wire.md §5, §7); `undefined` when the value is none. */
export function readUpstreamError(value: unknown): UpstreamError | undefined {
  // [wire] Gemini's compatible endpoint wraps the error body in an array.
  const body = Array.isArray(value) ? value[0] as unknown : value
  if (!isObject(body)) return
  const named = body.error ?? (isObject(body.response) ? body.response.error : undefined)
    ?? (isObject(body.x_groq) ? body.x_groq.error : undefined)
  // [wire] xAI and Ollama give a string, vLLM and Responses put the fields beside `type` or `object`.
  const error = isObject(named) ? named : body
  if (named == null && body.object !== 'error' && body.type !== 'error' && typeof body.code !== 'number') return
  const fields = [error.code, error.type, error.status]
  return {
    status: fields.map(Number).find(number => number >= 400 && number < 600),
    words: fields.filter(field => typeof field === 'string'),
  }
}

/** The error that an upstream's status stands for (relay.md §3). Text of the upstream is not in it. */
export function errorOfStatus(status: number, error?: UpstreamError, retryAfterMs?: number): StreamError {
  const init = { upstreamCode: listedCode(error), retryAfterMs, cause: { status } }
  if (status >= 300 && status < 400) return relayError('upstream_redirect_blocked', init)
  switch (status) {
    case 400: case 409: case 413: case 422: return relayError('upstream_rejected', init)
    case 401: case 403: return relayError('upstream_auth', init)
    case 402: return relayError('upstream_quota', init)
    case 408: case 504: return relayError('upstream_timeout', init)
    case 429: return relayError(error?.words.some(word => QUOTA.has(word)) ? 'upstream_quota' : 'upstream_rate_limited', init)
    case 498: case 503: case 529: return relayError('upstream_unavailable', init)
  }
  if (status >= 400 && status < 500) return relayError('upstream_rejected', { ...init, status: 502 })
  return relayError('upstream_error', init)
}

/** The error that an error object within an answer of status 200 stands for. */
export function errorOfEvent(error: UpstreamError): StreamError {
  const { status, words } = error
  const init = { upstreamCode: listedCode(error) }
  if (words.some(word => QUOTA.has(word))) return relayError('upstream_quota', init)
  if (status === 429 || words.some(word => RATE.has(word))) return relayError('upstream_rate_limited', init)
  if (status === 503 || status === 529 || status === 498 || words.some(word => OVERLOAD.has(word))) return relayError('upstream_unavailable', init)
  // What the request itself is to blame for fails again.
  const rejected = (status !== undefined && status < 500 && status !== 408) || words.includes('invalid_request_error')
  return relayError('upstream_error', rejected ? { ...init, retryable: false } : init)
}

function listedCode(error: UpstreamError | undefined): string | undefined {
  return error?.words.find(word => LISTED.has(word))
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

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
