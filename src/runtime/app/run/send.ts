import { StreamError } from '../../shared/errors'
import type { RunRequest } from './request'

/** Posts a request. Rejects as soon as `signal` aborts, even where the given `fetch` does not know it. */
export function send({ fetch, url, headers, body }: RunRequest, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    fetch(url, { method: 'POST', headers, body, signal }).then((response) => {
      signal.removeEventListener('abort', abort)
      if (signal.aborted) void response.body?.cancel()
      resolve(response)
    }).catch(reject)
  })
}

/** Whatever broke the connection. The texts differ by browser, so they are kept as the cause and never read. */
export function networkError(cause: unknown): StreamError {
  return new StreamError({
    code: 'network_error',
    message: 'The connection broke before the answer was complete: check the network and try again.',
    retryable: true,
    cause,
  })
}
