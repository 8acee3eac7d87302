import { StreamError } from '../../shared/errors'
import type { SseMessage } from '../../shared/sse'
import type { RunRequest } from './request'

/**
 * Where the bytes of one run come from. A plain run has one connection, and leaving it is stopping; one that can be resumed
 * (`resume.ts`) has as many as it takes, and is told when to stop.
 */
export interface Connection {
  /** Asks for the answer from its beginning; again for each attempt. Rejects as soon as `signal` aborts. */
  open: (signal: AbortSignal) => Promise<Response>
  /**
   * The body has ended, or broke with `failure`, and nothing has said that the answer is whole. Gives the response that goes
   * on from there; or the failure that counts, `undefined` for a proper end.
   */
  reopen?: (failure: StreamError | undefined, signal: AbortSignal) => Promise<Response | StreamError | undefined>
  /** Whether a message is to be read, which it is not if it was read before. Called for each message, in order. */
  accept?: (message: SseMessage) => boolean
  /** Ends the run at the upstream, where closing the connection does not. */
  stop?: () => void
  /** There is no run to come back to. */
  readonly lost?: boolean
  /** The id to resume the run by, once it is known. `null`: it ends with its connection. */
  readonly runId: string | null
}

/** The one connection of a plain run. */
export function connectOnce(request: RunRequest): Connection {
  return { open: signal => send(request, signal), runId: null }
}

/** Sends a request. Rejects as soon as `signal` aborts, even where the given `fetch` does not know it. */
export function send({ fetch, url, ...init }: RunRequest, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    fetch(url, { ...init, signal }).then((response) => {
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
