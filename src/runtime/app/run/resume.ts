import { isStreamError } from '../../shared/errors'
import type { StreamError } from '../../shared/errors'
import type { SseMessage } from '../../shared/sse'
import { HEADERS, STREAMS_PATH } from '../../shared/wire'
import type { Connection } from './connection'
import { networkError, send } from './connection'
import type { Network } from './network'
import { createNetwork } from './network'
import type { Page } from './page'
import type { RequestOptions, RunRequest } from './request'
import { buildHeaders } from './request'
import { checkResponse } from './response'

export { openAgain } from './catch-up' // comes with it: only a run that was left is opened again

export interface ResumableOptions {
  /** Where the relay is. */
  request: RequestOptions
  /** Begins the run; the id of one that was begun before, to read it from its start. */
  from: RunRequest | string
  page: Page
  network?: Network
  /** The run can be come back to by this id. */
  known: (runId: string) => void
  warn: (message: string) => void
}

/** Tries in a row that bring nothing new. */
const TRIES = 5
const FIRST_WAIT = 250
const LONGEST_WAIT = 5_000
/** A relay sends the head of a GET at once. */
const HEAD_TIMEOUT = 10_000

/** Failures of a connection. All others are the answer's own, and coming back would only repeat them. */
const BROKEN = new Set<string>(['network_error', 'idle_timeout', 'first_byte_timeout'])
/** What a relay says of a run that no try brings back. */
const OVER = new Set<string>(['log_lost'])
/** What it says of one that it does not have, or not for this user. */
const LOST = new Set<string>(['run_not_found', 'run_expired', 'not_found'])

/** As many connections as it takes: after a break the run goes on behind the last frame that came. */
export function connectResumable({ request: { endpoint, headers, fetch }, from, page, network = createNetwork(), known, warn }: ResumableOptions): Connection {
  const ownHeaders = buildHeaders(headers)
  const address = (id: string) => `${endpoint.replace(/\/+$/, '')}/${STREAMS_PATH}/${id}`
  let runId = typeof from === 'string' ? from : null
  let cursor = 0
  /** Tries since the last new frame. */
  let tries = 0
  let lost = false

  return {
    open, reopen, accept, stop,
    get runId() { return runId },
    get lost() { return lost },
  }

  async function open(signal: AbortSignal): Promise<Response> {
    if (typeof from === 'string') {
      tries = 0
      const response = await follow(undefined, signal)
      lost = isStreamError(response) && LOST.has(response.code)
      if (!response || isStreamError(response)) throw response // read from its start, a run has something to say
      known(from)
      return response
    }
    const response = await send({ ...from, headers: { ...from.headers, [HEADERS.resumable]: '1' } }, signal)
    runId = response.headers.get(HEADERS.streamId)
    cursor = tries = 0
    if (runId !== null) known(runId)
    else if (response.ok) warn('The relay does not keep this run, so it ends with its connection: set `llmStream.resume` in nuxt.config.')
    return response
  }

  async function reopen(failure: StreamError | undefined, signal: AbortSignal): Promise<Response | StreamError | undefined> {
    if (runId === null || (failure && !BROKEN.has(failure.code))) return failure
    return follow(failure, signal)
  }

  /** Reads on behind the cursor, after a pause if something failed. `undefined`: there is no more; an error: no way to it. */
  async function follow(failure: StreamError | undefined, signal: AbortSignal): Promise<Response | StreamError | undefined> {
    let last = failure
    while (tries < TRIES) {
      if (last) await wait(last.retryAfterMs ?? backOff(tries), signal)
      tries++
      const answer = await ask(signal)
      if (!isStreamError(answer) || !answer.retryable || OVER.has(answer.code)) return answer
      last = answer
    }
    return last
  }

  async function ask(signal: AbortSignal): Promise<Response | StreamError | undefined> {
    const asking = new AbortController()
    const abort = () => asking.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true }) // later too: it ends the body
    const cancelTimer = page.after(HEAD_TIMEOUT, abort)
    try {
      const response = await send({
        url: address(runId!), // it is known, or there would be nothing to come back to
        method: 'GET',
        headers: { ...ownHeaders, [HEADERS.lastEventId]: String(cursor) },
        fetch,
      }, asking.signal)
      if (response.status === 204) return undefined
      return await checkResponse(response) ?? response
    }
    catch (cause) {
      signal.throwIfAborted()
      return networkError(cause)
    }
    finally {
      cancelTimer()
    }
  }

  /** A frame may come twice when a connection broke behind it. The relay's own frames have no number and always count. */
  function accept({ id }: SseMessage): boolean {
    if (id === undefined) return true
    const number = Number(id)
    if (number <= cursor) return false
    cursor = number
    tries = 0
    return true
  }

  function stop(): void {
    if (runId === null) return
    // It has to arrive even where the page is left in the same moment.
    const leaving = fetch(address(runId), { method: 'DELETE', headers: ownHeaders, keepalive: true })
    leaving.catch(() => {}) // out of reach: the relay ends a run that nobody watches
  }

  /** Ends early when the network or the page is back, and not before there is a network. Rejects when the signal aborts. */
  function wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => network.online() && finish()
      const cancelTimer = page.after(ms, end)
      const cancelReturn = network.onReturn(end)
      signal.addEventListener('abort', finish)

      function finish(): void {
        cancelTimer()
        cancelReturn()
        signal.removeEventListener('abort', finish)
        if (signal.aborted) reject(signal.reason)
        else resolve()
      }
    })
  }
}

/** Between half and all of it, so that those who lost a server together do not come back together. */
function backOff(tries: number): number {
  return Math.min(FIRST_WAIT * 2 ** tries, LONGEST_WAIT) * (0.5 + Math.random() / 2)
}
