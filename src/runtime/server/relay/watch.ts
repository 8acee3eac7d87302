import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Deadline, DeadlineOwner } from './deadlines'
import type { Timeouts } from './options'
import type { EndSignal } from './light-signal'
import { LightSignal } from './light-signal'
import type { Sink } from './sink'
import { Deadlines } from './deadlines'
import { relayError } from './failures'

export interface WatchOptions {
  signal: EndSignal
  answer: Answer
  sink: Sink
  heartbeat: number
  startedAt: number
  clock: Clock
}

/** What ends a run from outside: its caller's signal and its deadlines. It also keeps the heart beating. */
export class Watch implements DeadlineOwner {
  readonly deadlines: Deadlines
  /** Milliseconds between heartbeats; `Infinity`: none. */
  readonly heartbeat: number
  readonly startedAt: number
  /** The run itself is over, not only the upstream that was asked too slow. */
  over = false
  /** Aborts what is under way. */
  signal = new LightSignal()

  constructor(private readonly options: WatchOptions) {
    const { signal, heartbeat, startedAt, clock } = options
    this.heartbeat = heartbeat
    this.startedAt = startedAt
    this.deadlines = new Deadlines(clock, this)
    this.deadlines.due.heartbeat = clock.now() + heartbeat
    this.deadlines.rearm()
    signal.addEventListener('abort', this)
    if (signal.aborted) this.handleEvent()
  }

  /** Another upstream is asked: its total time counts, from the same start, and what gave up only the last one is over. */
  follow(timeouts: Timeouts): void {
    this.deadlines.due.total = this.startedAt + timeouts.total
    this.deadlines.rearm()
    if (!this.over) this.signal = new LightSignal()
  }

  stop(): void {
    this.deadlines.stop()
    this.options.signal.removeEventListener('abort', this)
  }

  onDue(deadline: Deadline): void {
    const { due } = this.deadlines
    const { answer, sink, clock } = this.options
    switch (deadline) {
      case 'heartbeat':
        due.heartbeat = clock.now() + this.heartbeat
        // A client that takes nothing is not helped by more.
        if (due.slowClient === Infinity) answer.beat()
        return
      case 'slowClient':
        this.end(relayError('slow_client'))
        return sink.destroy()
      case 'total': return this.end(relayError('total_timeout'))
      case 'firstByte': return this.signal.abort(relayError('upstream_timeout'))
      case 'byteIdle': case 'eventIdle': return this.signal.abort(relayError('idle_timeout'))
    }
  }

  /** The run's signal has aborted. */
  handleEvent(): void {
    this.end(this.options.signal.reason)
  }

  private end(reason: unknown): void {
    this.over = true
    this.signal.abort(reason)
  }
}
