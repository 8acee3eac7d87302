import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import type { AttemptsContext, AttemptsEnd } from './attempts'
import type { Breakers } from './breaker'
import type { Clock } from './clock'
import type { Logger } from './logger'
import type { ResolvedUpstream } from './options'
import type { Tap } from './outbox'
import type { EndSignal } from './light-signal'
import type { Sink } from './sink'
import type { Transport } from './transport'
import type { CallEnd } from './upstream'
import { isStreamError } from '../../shared/errors'
import { outcomeOfError } from '../../shared/outcome'
import { Answer, NO_HEADERS } from './answer'
import { callTargets } from './attempts'
import { systemClock } from './clock'
import { relayError } from './failures'
import { Watch } from './watch'

/** Everything after `prepare`: a request that is allowed, and the client that waits for its answer. */
export interface Delivery {
  sink: Sink
  transport: Transport
  protocol: ProtocolName
  /** Whether the client asked for SSE. */
  stream: boolean
  /** The upstream that was asked for. */
  target: DeliveryTarget
  /** Those to try after it, in order. Called only when it fails before it answers. @default none */
  fallbacks?: () => AsyncIterable<DeliveryTarget>
  requestId: string
  /** Milliseconds between comment frames while nothing else is sent; `false`: none. */
  heartbeat: number | false
  limits: { eventBytes: number, streamBytes: number, jsonBytes: number }
  /**
   * Aborts when the run must end. Its reason says why: a `StreamError` is told to the client (`server_restarting`); the
   * strings `stop` and `orphaned` end the run as that; anything else means that the client is gone.
   */
  signal: EndSignal
  /** Headers that every answer of this request carries (request id, CORS, timing …), lower-case. */
  headers: Record<string, string>
  /** When the run was let in, on the clock: its total time counts from here. @default now */
  startedAt?: number
  /** One set per relay. @default none: every upstream is called, however often it failed */
  breakers?: Breakers
  /** Hears what is odd about an upstream; should say each thing once. */
  log?: Logger
  /** Told of each call upstream, retries included, before it is made; what it returns is told how the call goes. */
  onAttempt?: (attempt: { target: DeliveryTarget, number: number }) => AttemptObserver | undefined
  /** Told of the first byte, and of the first event, from which on no other upstream is asked; in time to change `headers`. */
  onFirst?: (what: 'byte' | 'event') => void
  /** Gets the frames that are about to be written: where a run is recorded. */
  tap?: Tap
  /** @default systemClock */
  clock?: Clock
  /** For the jitter of pauses. @default Math.random */
  random?: () => number
}

export interface DeliveryListener {
  /** Called once, when the answer has ended. */
  onEnd: (report: DeliveryReport) => void
}

export interface AttemptObserver {
  onFirst?: (what: 'byte' | 'event') => void
  onEnd?: (end: CallEnd) => void
}

export interface DeliveryTarget {
  upstream: ResolvedUpstream
  /** The real model name, for records. */
  model: string
  /** The serialised request; the same bytes on every attempt. Emptied when an answer begins, since nothing is sent after that. */
  body: Uint8Array
  bodyBytes: number
}

/** What came of it. Metadata only, never content. */
export interface DeliveryReport {
  outcome: Outcome
  /** Why it did not end by itself: an error code, `disconnected`, `stop` or `orphaned`. */
  reason?: string
  /** Status of the answer, also where an error frame came later. */
  status: number
  /** The target that answered, or was tried last. */
  target: DeliveryTarget
  /** Calls made upstream, retries and fallbacks included; 0: none was. */
  attempts: number
  upstreamRequestId?: string
  events: number
  /** Bytes of the answer's frames. */
  bytes: number
  /** As the wire said it; `null`: it did not, so it must be estimated. */
  usage: Usage | null
  /** Milliseconds since `startedAt`. */
  timings: { firstByteMs?: number, firstEventMs?: number, totalMs: number }
  /** For `onError`; its `cause` never leaves the server. */
  error?: StreamError
}

/** Calls the upstream and moves its answer to the client. The listener is told when the answer has ended, whatever happens. */
export function deliver(delivery: Delivery, listener: DeliveryListener): void {
  const context = new Delivering(delivery, listener)
  callTargets(context).catch(error => context.onEnd(brokenOff(error, delivery)))
}

/** By a mistake of ours: a client that waits for ever, and a slot that is never free, would be worse. */
function brokenOff(error: unknown, { target }: Delivery): AttemptsEnd {
  return { error, target, attempts: 0, again: false, outcome: 'failed', usage: null, events: 0, bytes: 0 }
}

/** A class, since every open stream has one. */
class Delivering implements AttemptsContext {
  readonly answer: Answer
  readonly watch: Watch
  readonly clock: Clock
  private readonly timings: DeliveryReport['timings'] = { totalMs: 0 }

  constructor(readonly delivery: Delivery, private readonly listener: DeliveryListener) {
    const { sink, stream, signal, headers, requestId, clock = systemClock, startedAt = clock.now() } = delivery
    const heartbeat = stream && delivery.heartbeat !== false ? delivery.heartbeat : Infinity
    this.clock = clock
    this.answer = new Answer(sink, headers, requestId)
    this.watch = new Watch({ signal, answer: this.answer, sink, heartbeat, startedAt, clock })
  }

  onFirst(what: 'byte' | 'event'): void {
    const { delivery, timings, clock, watch: { startedAt } } = this
    timings[what === 'byte' ? 'firstByteMs' : 'firstEventMs'] ??= clock.now() - startedAt
    delivery.onFirst?.(what)
    if (what === 'byte') return
    delivery.onFirst = delivery.fallbacks = undefined // with all that they hold
    delivery.headers = NO_HEADERS // the answer has them for as long as they are needed
  }

  async onEnd(end: AttemptsEnd): Promise<void> {
    const { delivery, answer, watch, clock, timings } = this
    const { target, attempts, upstreamRequestId, events, bytes, usage } = end
    let ending = endAnswer(answer, end, delivery.signal)
    const left = await lastBytes(delivery, target, watch, clock)
    if (!left && !ending.error) ending = toEnding(relayError('slow_client'))
    watch.stop()
    timings.totalMs = clock.now() - watch.startedAt
    this.listener.onEnd({ status: answer.status, target, attempts, upstreamRequestId, events, bytes, usage, timings, ...ending })
  }
}

type Ending = Pick<DeliveryReport, 'outcome' | 'reason' | 'error'>

/** Ends the answer in the way that is left, and says how that was. */
function endAnswer(answer: Answer, { error, outcome }: AttemptsEnd, signal: EndSignal): Ending {
  if (error === undefined) {
    answer.end()
    return { outcome }
  }
  if (!isStreamError(error) && signal.aborted) {
    const reason = error === 'stop' || error === 'orphaned' ? error : 'disconnected'
    if (reason === 'disconnected') answer.end()
    else answer.fail(relayError('stopped')) // somebody who did not stop it may still be reading
    return { outcome: 'stopped', reason }
  }
  const failure = isStreamError(error) ? error : relayError('internal', { cause: error })
  answer.fail(failure)
  return toEnding(failure)
}

function toEnding(error: StreamError): Ending {
  return { outcome: outcomeOfError(error), reason: error.code, error }
}

/** How long a client may take for what was written, once somebody wants the run to be over. */
const HURRY_MS = 1000

/**
 * What was written may still be on its way to a slow client, who has as long for it as for anything else. `false`: it took
 * too long and was cut off.
 */
async function lastBytes({ sink, signal }: Delivery, { upstream: { timeouts } }: DeliveryTarget, { deadlines }: Watch, clock: Clock): Promise<boolean> {
  const { due } = deadlines
  due.heartbeat = due.total = Infinity
  due.slowClient = clock.now() + timeouts.slowClient
  signal.addEventListener('abort', hurry)
  if (signal.aborted) hurry()
  else deadlines.rearm()
  await sink.drained()
  signal.removeEventListener('abort', hurry)
  return due.slowClient !== Infinity // a deadline that was due is taken back

  function hurry(): void {
    due.slowClient = Math.min(due.slowClient, clock.now() + HURRY_MS)
    deadlines.rearm()
  }
}
