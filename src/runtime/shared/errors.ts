/** Codes that the relay answers with, before its headers as a JSON body and after them as an error frame. */
export type RelayErrorCode
  = | 'invalid_request' | 'model_not_allowed' | 'unauthorized' | 'forbidden' | 'origin_not_allowed'
    | 'not_found' | 'run_not_found' | 'method_not_allowed' | 'body_timeout' | 'run_expired' | 'log_gap'
    | 'body_too_large' | 'unsupported_media_type' | 'rate_limited' | 'too_many_runs' | 'budget_exceeded'
    | 'prepare_failed' | 'internal' | 'not_configured'
    | 'upstream_rejected' | 'upstream_auth' | 'upstream_quota' | 'upstream_rate_limited' | 'upstream_unavailable'
    | 'upstream_timeout' | 'upstream_error' | 'upstream_unreachable' | 'upstream_dns' | 'upstream_tls'
    | 'upstream_address_blocked' | 'upstream_redirect_blocked' | 'upstream_bad_content_type' | 'upstream_reset'
    | 'upstream_truncated' | 'event_too_large' | 'stream_limit'
    | 'server_restarting' | 'authorize_timeout' | 'resume_unavailable' | 'producer_lost' | 'log_lost'
    | 'idle_timeout' | 'total_timeout' | 'stopped' | 'slow_client'

/** Codes that arise where an answer is read. */
export type ReaderErrorCode
  = | 'network_error' | 'http_error' | 'bad_content_type' | 'first_byte_timeout' | 'idle_timeout' | 'total_timeout'
    | 'upstream_truncated' | 'protocol_error' | 'protocol_mismatch' | 'event_too_large' | 'stream_limit'
    | 'busy' | 'not_in_browser' | 'invalid_request' | 'invalid_object'

/** Every code that an error can have. Codes are permanent; a newer relay may know more of them. */
export type StreamErrorCode = RelayErrorCode | ReaderErrorCode

/** What a {@link StreamError} is made of. */
export interface StreamErrorInit {
  code: StreamErrorCode
  /** A sentence that names the thing and the remedy. */
  message: string
  /** HTTP status that stands for this failure, where one does. */
  status?: number
  /** Whether the same request may succeed later. @default false */
  retryable?: boolean
  /** How long to wait before trying again, in milliseconds. */
  retryAfterMs?: number
  /** The upstream's own code for it, where the relay lets it through. */
  upstreamCode?: string
  /** The relay's id of the request, for the server's logs. */
  requestId?: string
  /** What led to it. Stays where it was made: never serialised. */
  cause?: unknown
}

/** A failure as it crosses the wire, in a body or an error frame, under the key `error`. */
export interface ErrorJson {
  code: string
  message: string
  status: number
  retryable: boolean
  retryAfterMs?: number
  upstreamCode?: string
  requestId?: string
  /** OpenAI's error classes, which its clients read. */
  type: string
  param: null
}

/** Two copies of this module can meet in one app (architecture.md §8), so the brand is shared by name. */
const brand = Symbol.for('nuxt-llm-stream.error')

/** The one error of this package: whatever goes wrong with a run is one of these. */
export class StreamError extends Error {
  override readonly name = 'StreamError'
  /** What went wrong, as a word that never changes. */
  declare readonly code: StreamErrorCode
  /** HTTP status that stands for it, also when it came in the middle of an answer. */
  declare readonly status: number | undefined
  /** Whether the same request may succeed later. */
  declare readonly retryable: boolean
  /** How long to wait before that, if somebody said so. */
  declare readonly retryAfterMs: number | undefined
  /** The upstream's own code, if it is a known one. */
  declare readonly upstreamCode: string | undefined
  /** The relay's id of the request, as in the server's log and records. */
  declare readonly requestId: string | undefined

  constructor({ message, cause, code, status, retryable = false, retryAfterMs, upstreamCode, requestId }: StreamErrorInit) {
    super(message, cause === undefined ? undefined : { cause })
    Object.assign(this, { code, status, retryable, retryAfterMs, upstreamCode, requestId })
    Object.defineProperty(this, brand, { value: true })
  }

  /** The shape that crosses the wire; a failure without a status counts as 500. */
  toJSON(): ErrorJson {
    const { code, message, status = 500, retryable, retryAfterMs, upstreamCode, requestId } = this
    return { code, message, status, retryable, retryAfterMs, upstreamCode, requestId, type: errorType(status), param: null }
  }
}

/** Tells a {@link StreamError} of any copy of this package. */
export function isStreamError(value: unknown): value is StreamError {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * Reads the relay's error JSON, `{ error: { code, message, status, … } }`, out of a body or an error frame.
 * `undefined` when the value is something else.
 */
export function errorFromJson(value: unknown): StreamError | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return
  const error = value.error as Partial<ErrorJson> | null
  if (typeof error !== 'object' || error === null) return
  // Only the relay says `retryable`: an upstream's error object is for the protocol's decoder.
  if (typeof error.code !== 'string' || typeof error.message !== 'string' || typeof error.retryable !== 'boolean') return
  return new StreamError(error as StreamErrorInit) // a newer relay may know more codes than this client's union
}

function errorType(status: number): string {
  switch (status) {
    case 401: return 'authentication_error'
    case 403: return 'permission_error'
    case 429: return 'rate_limit_error'
    default: return status < 500 ? 'invalid_request_error' : 'server_error'
  }
}
