import { isStreamError, StreamError } from '../../shared/errors'

/** A verb that makes no sense now. */
export function invalid(message: string): StreamError {
  return new StreamError({ code: 'invalid_request', message })
}

/** What the app's own code threw while a request was made. */
export function failure(what: string, cause: unknown): StreamError {
  if (isStreamError(cause)) return cause
  return new StreamError({ code: 'invalid_request', message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, cause })
}

export function notInBrowser(): StreamError {
  return new StreamError({ code: 'not_in_browser', message: 'Nothing is asked while a page is rendered on the server: call it in onMounted(), or on a click.' })
}

export function busy(): StreamError {
  return new StreamError({ code: 'busy', message: 'An answer is still under way: wait for it, stop it, or set `concurrency` to queue or replace.', retryable: true })
}
