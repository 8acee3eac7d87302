import { isStreamError, StreamError } from '../../shared/errors'
import type { EndEvent, StreamEvent } from '../../shared/events'
import { outcomeOfError } from '../../shared/outcome'
import type { Decoder, Protocol } from '../../shared/protocols/protocol'
import type { StreamResult } from '../../shared/result'
import { toResult } from '../../shared/result'
import { initialState, reduceStream } from '../../shared/state'
import type { BodyReader } from './body'
import { dismiss, linger, readBody } from './body'
import type { DeadlineCode, Timeouts } from './deadlines'
import { createDeadlines } from './deadlines'
import type { Page } from './page'
import type { RunRequest } from './request'
import { checkResponse } from './request'
import { retryDelay } from './retry'
import { networkError, send } from './send'
import type { Phase, Snapshot } from './snapshot'
import { createStopwatch } from './stopwatch'

export interface RunOptions {
  request: RunRequest
  /** Awaited before the first byte is read, not before the request goes out. */
  protocol: Protocol | Promise<Protocol>
  timeouts: Timeouts
  /** Attempts after the first one, made only while nothing has been shown. */
  retry: number
  page: Page
  listener: RunListener
}

/** Who shows a run. Called synchronously, and not any more after `ended`. */
export interface RunListener {
  /** There is more to show. `first`: a first part or text, which is worth showing at once. */
  changed: (first: boolean) => void
  /** Left out where nobody listens, since it is called for every event. */
  event?: (event: StreamEvent) => void
  ended: (result: StreamResult) => void
}

/** One request and its answer. */
export interface Run {
  /** Sends the request. Called once. */
  begin: () => void
  /** Ends the run, here and at the upstream. */
  stop: () => void
  /** What there is to show now. */
  snapshot: () => Snapshot
  /** Settles after `listener.ended`; never rejects. */
  result: Promise<StreamResult>
}

export function createRun({ request, protocol, timeouts, retry, page, listener }: RunOptions): Run {
  const deadlines = createDeadlines(timeouts, page, expire)
  const stopwatch = createStopwatch(page.now)
  let phase: Phase = 'submitted'
  let state = initialState()
  let over = false
  let controller = new AbortController()
  let reader: BodyReader | undefined
  let endPause: (() => void) | undefined
  /** How the attempt at hand ended, as its decoder says. */
  let ending: EndEvent | undefined
  /** The deadline that broke it. */
  let expired: StreamError | undefined
  /** Whether the listener has something to be told, and whether it is a first part or text. */
  let changed = false
  let first = false
  let settle!: (result: StreamResult) => void // the promise's constructor sets it
  const result = new Promise<StreamResult>((resolve) => { settle = resolve })

  async function begin(): Promise<void> {
    for (let attempts = 1; !over; attempts++) {
      const end = await attempt()
      const delay = end.error && phase === 'submitted' && attempts <= retry ? retryDelay(end.error, attempts) : undefined
      if (delay === undefined) return finish(end)
      await pause(delay)
    }
  }

  /** Posts the request and reads its answer to the end. */
  async function attempt(): Promise<EndEvent> {
    controller = new AbortController()
    reader = ending = expired = undefined
    state = initialState()
    deadlines.sent()
    try {
      const response = await send(request, controller.signal)
      const { error, json } = await checkResponse(response)
      if (error) return toEnd(error)
      const decoder = (await protocol).createDecoder(receive)
      if (json) decoder.json(json)
      else decoder.end(await read(response, decoder))
    }
    catch (cause) {
      return toEnd(failure(cause))
    }
    return ending! // a decoder that was told its end has said how
  }

  /** Gives what broke the body, if anything did. */
  async function read({ body }: Response, decoder: Decoder): Promise<StreamError | undefined> {
    if (!body) return
    reader = body.getReader()
    try {
      await readBody(reader, decoder, { page, onBytes, onRead })
      return expired
    }
    catch (cause) {
      return failure(cause)
    }
  }

  function onBytes(now: number): void {
    stopwatch.byte(now)
    deadlines.received(now)
  }

  function onRead(): void {
    if (!changed || over) return
    changed = false
    listener.changed(first)
    first = false
  }

  function receive(event: StreamEvent): void {
    if (event.type === 'end') {
      ending = event
      return
    }
    if (over) return
    state = reduceStream(state, event)
    changed = true
    if (phase === 'submitted' && 'part' in event) {
      phase = 'streaming'
      first = true
    }
    if (stopwatch.event(event)) first = true
    listener.event?.(event)
  }

  function finish(end: EndEvent): void {
    if (over) return
    over = true
    deadlines.close()
    stopwatch.end()
    state = reduceStream(state, end)
    phase = end.outcome
    listener.event?.(end)
    const what = toResult(state)
    listener.ended(what)
    settle(what)
    if (reader && ending && !ending.error) void linger(reader, page)
    else abort()
  }

  function expire(code: DeadlineCode): void {
    expired = new StreamError({ code, message: DEADLINES[code], retryable: true })
    abort()
  }

  function failure(cause: unknown): StreamError {
    return expired ?? (isStreamError(cause) ? cause : networkError(cause))
  }

  function abort(): void {
    controller.abort()
    if (reader) dismiss(reader) // for a fetch that does not know its signal
    endPause?.()
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = page.after(ms, resolve)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  function snapshot(): Snapshot {
    const view = toResult(state)
    return { phase, result: view, runId: null, timing: stopwatch.read(view.text.length) }
  }

  return {
    begin: () => void begin(),
    stop: () => finish({ type: 'end', outcome: 'stopped' }),
    snapshot,
    result,
  }
}

const DEADLINES: Record<DeadlineCode, string> = {
  first_byte_timeout: 'No answer came in time: try again, or raise timeouts.firstByte.',
  idle_timeout: 'The answer stopped arriving: try again, or raise timeouts.idle.',
  total_timeout: 'The answer took too long: ask for less, or raise timeouts.total.',
}

/** A failure that no decoder has seen. */
function toEnd(error: StreamError): EndEvent {
  return { type: 'end', outcome: outcomeOfError(error), error }
}
