import type { RelayErrorCode, StreamErrorInit } from '../../shared/errors'
import { StreamError } from '../../shared/errors'

/** What each code stands for: status, whether the same request may succeed later, and a sentence for whoever sees it. */
const FAILURES = {
  invalid_request: [400, false, 'The request body is not valid for this endpoint.'],
  model_not_allowed: [400, false, 'This model is not on the list of models that the server allows.'],
  upstream_rejected: [400, false, 'The language-model API rejected the request.'],
  unauthorized: [401, false, 'Sign in to use this endpoint.'],
  forbidden: [403, false, 'You may not use this endpoint.'],
  origin_not_allowed: [403, false, 'Requests from this origin are not allowed; the server lists those that are in `origins`.'],
  not_found: [404, false, 'There is no such endpoint.'],
  run_not_found: [404, false, 'There is no such run, or it is not yours.'],
  method_not_allowed: [405, false, 'This method is not allowed here.'],
  body_timeout: [408, false, 'The request body did not arrive in time.'],
  stopped: [409, false, 'The run was stopped.'],
  run_expired: [410, false, 'The run can no longer be continued from this position.'],
  log_gap: [410, false, 'A part of the run is no longer stored.'],
  body_too_large: [413, false, 'The request is too large; send a shorter conversation or smaller files.'],
  unsupported_media_type: [415, false, 'Send the request as `content-type: application/json`.'],
  rate_limited: [429, true, 'Too many requests; try again later.'],
  too_many_runs: [429, true, 'Too many answers are being written at once; wait for one to end.'],
  budget_exceeded: [429, false, 'The token budget is used up.'],
  upstream_rate_limited: [429, true, 'The language-model API is rate limiting; try again later.'],
  slow_client: [408, false, 'The client did not read the answer.'],
  prepare_failed: [500, false, 'The server could not prepare the request.'],
  internal: [500, false, 'The relay failed; the server\'s log says more under the request id.'],
  not_configured: [500, false, 'The relay is not configured; the server\'s log says what is missing.'],
  upstream_auth: [502, false, 'The language-model API refused the server\'s credentials.'],
  upstream_quota: [502, false, 'The quota at the language-model API is used up.'],
  upstream_error: [502, true, 'The language-model API failed.'],
  upstream_unreachable: [502, true, 'The language-model API cannot be reached.'],
  upstream_dns: [502, true, 'The address of the language-model API could not be looked up.'],
  upstream_tls: [502, false, 'No secure connection to the language-model API could be made.'],
  upstream_address_blocked: [502, false, 'The language-model API has a private address, which the server does not allow (`allowPrivate`).'],
  upstream_redirect_blocked: [502, false, 'The language-model API answered with a redirect, which is never followed.'],
  upstream_bad_content_type: [502, false, 'The language-model API answered with something other than what was asked for.'],
  upstream_reset: [502, true, 'The connection to the language-model API broke.'],
  upstream_truncated: [502, true, 'The answer ended before it was complete.'],
  event_too_large: [502, false, 'An event of the answer is larger than the server allows.'],
  stream_limit: [502, false, 'The answer is larger than the server allows.'],
  upstream_unavailable: [503, true, 'The language-model API is overloaded or down; try again later.'],
  server_restarting: [503, true, 'The server is restarting; try again.'],
  authorize_timeout: [503, true, 'Checking who is asking took too long; try again.'],
  resume_unavailable: [503, true, 'Runs cannot be stored at the moment; try again.'],
  producer_lost: [503, true, 'The process that wrote the answer is gone.'],
  log_lost: [503, true, 'The stored answer is lost.'],
  upstream_timeout: [504, true, 'The language-model API did not answer in time.'],
  idle_timeout: [504, true, 'The language-model API stopped sending.'],
  total_timeout: [504, true, 'The answer took longer than the server allows.'],
} as const satisfies Record<RelayErrorCode, readonly [status: number, retryable: boolean, message: string]>

/**
 * The error that a code of relay.md §3 stands for, with its status, message and `retryable`; `init` overrides them or adds
 * to them. A given message reaches the browser: no key, no upstream text, no user content in it.
 */
export function relayError(code: RelayErrorCode, init: Partial<Omit<StreamErrorInit, 'code'>> = {}): StreamError {
  const [status, retryable, message] = FAILURES[code]
  return new StreamError({ code, status, retryable, message, ...init })
}

/** A request that is at fault itself; the message names what to change, and quotes nothing of it. */
export function invalid(message: string, code: 'invalid_request' | 'body_too_large' = 'invalid_request'): StreamError {
  return relayError(code, { message })
}
