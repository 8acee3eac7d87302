import { createAccumulator } from '../../shared/accumulator'
import type { StreamError } from '../../shared/errors'
import type { EndEvent, StreamEvent, ToolCallEndEvent } from '../../shared/events'
import type { ToolCall, ToolCallPart } from '../../shared/parts'
import type { Protocol } from '../../shared/protocols/protocol'
import type { StreamResult } from '../../shared/result'
import { toResult } from '../../shared/result'
import { createAnswer } from './answer'
import { createBufferingCheck } from './buffering'
import type { Connection } from './connection'
import type { ObjectReader } from './object'
import type { Cancel, Page } from './page'
import type { Plan } from './plan'
import { createPublisher } from './publisher'
import { retryDelay } from './retry'
import type { Phase, Snapshot } from './snapshot'
import { createStopwatch } from './stopwatch'
import type { Structured } from './structured'

export interface RunOptions extends Pick<Plan, 'timeouts' | 'retry' | 'publish'> {
  connection: Connection
  /** With a schema. */
  structured?: Structured
  /** Awaited before the first byte is read, not before the request goes out. */
  protocol: Protocol | Promise<Protocol>
  page: Page
  listener: RunListener
}

/** Who shows a run. Called synchronously, and not any more after `ended`. */
export interface RunListener {
  /** Takes what is to be shown now. */
  write: (snapshot: Snapshot) => void
  /** Undefined while nobody listens, which may change in mid-run: it is looked at for every event. `call`: the tool call that it closes. */
  readonly event?: (event: StreamEvent, call?: ToolCall) => void
  /** Something that a developer should know. */
  warn: (message: string) => void
  /** The run can be come back to by this id. */
  known: (runId: string) => void
  /** The run is over. Its outcome is `null` if it goes on elsewhere, or, with an error, if there is no such run. */
  ended: (result: StreamResult) => void
}

/** One request and its answer. */
export interface Run {
  /** Sends the request. Called once. */
  begin: () => void
  /** Ends the run, here and at the upstream. */
  stop: () => void
  /** Looks away from a run that can be resumed; stops any other. */
  disconnect: () => void
  /** Settles after `listener.ended`; never rejects. */
  result: Promise<StreamResult>
}

export function createRun({ connection, protocol, structured, timeouts, retry, publish, page, listener }: RunOptions): Run {
  const stopwatch = createStopwatch(page.now)
  const checkBuffering = process.env.NODE_ENV === 'production' ? undefined : createBufferingCheck(page.now(), listener.warn)
  const answer = createAnswer({ connection, protocol, timeouts, page, onEvent, onRead })
  const publisher = createPublisher(publish, page, () => listener.write(snapshot()))
  let phase: Phase = 'submitted'
  let over = false
  /** Folds events when somebody looks, which is much rarer than they come. */
  let accumulator = createAccumulator()
  let object: ObjectReader | undefined
  let endPause: Cancel | undefined
  let events = 0
  let texted = false
  /** Whether there is something new to show, and whether it is a first part or text, which is worth showing at once. */
  let changed = false
  let first = false
  let settle!: (result: StreamResult) => void // the promise's constructor sets it
  const settled = new Promise<StreamResult>((resolve) => { settle = resolve })

  async function begin(): Promise<void> {
    for (let attempts = 1; !over; attempts++) {
      accumulator = createAccumulator()
      object = structured?.createReader()
      const end = await answer.attempt()
      if (over) return
      if (connection.lost) return close(end.error)
      const delay = end.error && phase === 'submitted' && attempts <= retry ? retryDelay(end.error, attempts) : undefined
      if (delay === undefined) return finish(object ? await object.check(end, toResult(accumulator.state).text) : end)
      await pause(delay)
    }
  }

  function onEvent(event: StreamEvent): void {
    if (over) return
    accumulator.add(event)
    events++
    changed = true
    if (phase === 'submitted' && 'part' in event) {
      phase = 'streaming'
      first = true
    }
    if (!texted && event.type === 'text-delta') {
      stopwatch.text()
      texted = first = true
    }
    if (object && event.type === 'text-delta' && !event.choice) object.push(event.delta)
    if (!listener.event) return
    const call = event.type === 'tool-call-end' ? closedCall(event) : undefined
    if (call) publisher.flush() // whoever hears of a call finds it shown, and can answer it
    listener.event(event, call)
  }

  /** Calls of other choices are shown, and nobody is asked to answer them. */
  function closedCall({ part, choice }: ToolCallEndEvent): ToolCall | undefined {
    return choice ? undefined : accumulator.state.choices[0].parts[part] as ToolCallPart | undefined // the event is of a call
  }

  function onRead(now: number): void {
    stopwatch.byte(now)
    checkBuffering?.(now, events)
    if (!changed || over) return
    changed = false
    if (first) publisher.flush()
    else publisher.changed()
    first = false
  }

  function finish(end: EndEvent): void {
    if (over) return
    over = true // before anybody hears of it, and wants to stop it
    accumulator.add(end)
    phase = end.outcome
    listener.event?.(end)
    close()
  }

  /** `lost`: there was nothing to come back to, so there is nothing to show. */
  function close(lost?: StreamError): void {
    over = true
    stopwatch.end()
    if (!lost) publisher.flush()
    publisher.close()
    const result = toResult(accumulator.state)
    if (lost) result.error = lost
    if (object && phase === 'complete') result.object = object.read()
    listener.ended(result)
    settle(result)
    answer.close()
    endPause?.()
  }

  function stop(): void {
    if (over) return
    finish({ type: 'end', outcome: 'stopped' })
    connection.stop?.()
  }

  function disconnect(): void {
    if (over) return
    if (connection.runId === null) return stop()
    phase = 'ready'
    close()
  }

  function snapshot(): Snapshot {
    const result = toResult(accumulator.state)
    return { phase, result, object: object?.read(), runId: connection.runId, timing: stopwatch.read(events, result.text.length) }
  }

  /** One that is ended leaves whoever waits for it behind. */
  function pause(ms: number): Promise<void> {
    return new Promise(resolve => endPause = page.after(ms, resolve))
  }

  return { begin: () => void begin(), stop, disconnect, result: settled }
}
