import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Deadline } from './deadlines'
import type { Timeouts } from './options'
import type { Sink } from './sink'
import { Deadlines } from './deadlines'
import { relayError } from './failures'

export interface WatchOptions {
  signal: AbortSignal
  answer: Answer
  sink: Sink
  heartbeat: number
  startedAt: number
  clock: Clock
}

/** `[spec]` A comment, which every reader of SSE ignores. */
const HEARTBEAT_FRAME = Uint8Array.of(0x3A, 0x0A, 0x0A)

/** What ends a run from outside, its caller's signal and its deadlines, as one signal. It also keeps the heart beating. */
export class Watch {
  readonly deadlines: Deadlines
  /** Milliseconds between heartbeats; `Infinity`: none. */
  readonly heartbeat: number
  /** The run itself is over, not only the upstream that was asked too slow. */
  over = false
  private current = new AbortController()

  constructor(private readonly options: WatchOptions) {
    const { signal, heartbeat, clock } = options
    this.heartbeat = heartbeat
    this.deadlines = new Deadlines(clock, deadline => this.onDue(deadline))
    this.deadlines.due.heartbeat = clock.now() + heartbeat
    this.deadlines.rearm()
    signal.addEventListener('abort', this.onAbort)
    if (signal.aborted) this.onAbort()
  }

  /** Aborts what is under way. */
  get signal(): AbortSignal {
    return this.current.signal
  }

  /** Another upstream is asked: its total time counts, from the same start, and a signal that only gave up the last one is renewed. */
  follow(timeouts: Timeouts): void {
    this.deadlines.due.total = this.options.startedAt + timeouts.total
    this.deadlines.rearm()
    if (this.signal.aborted && !this.over) this.current = new AbortController()
  }

  stop(): void {
    this.deadlines.stop()
    this.options.signal.removeEventListener('abort', this.onAbort)
  }

  private readonly onAbort = (): void => this.end(this.options.signal.reason)

  private end(reason: unknown): void {
    this.over = true
    this.current.abort(reason)
  }

  private onDue(deadline: Deadline): void {
    const { due } = this.deadlines
    const { answer, sink, clock } = this.options
    switch (deadline) {
      case 'heartbeat':
        due.heartbeat = clock.now() + this.heartbeat
        // A client that takes nothing is not helped by more.
        if (due.slowClient === Infinity) answer.write(HEARTBEAT_FRAME)
        return
      case 'slowClient':
        this.end(relayError('slow_client'))
        return sink.destroy()
      case 'total': return this.end(relayError('total_timeout'))
      case 'firstByte': return this.current.abort(relayError('upstream_timeout'))
      case 'byteIdle': case 'eventIdle': return this.current.abort(relayError('idle_timeout'))
    }
  }
}
