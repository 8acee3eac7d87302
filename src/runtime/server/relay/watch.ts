import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Deadline, Deadlines } from './deadlines'
import type { Timeouts } from './options'
import type { Sink } from './sink'
import { createDeadlines } from './deadlines'
import { relayError } from './failures'

/** What ends a run from outside, its caller's signal and its deadlines, as one signal. It also keeps the heart beating. */
export interface Watch {
  /** Aborts what is under way. */
  readonly signal: AbortSignal
  /** The run itself is over, not only the upstream that was asked too slow. */
  readonly over: boolean
  readonly deadlines: Deadlines
  /** Milliseconds between heartbeats; `Infinity`: none. */
  readonly heartbeat: number
  /** Another upstream is asked: its total time counts, from the same start, and a signal that only gave up the last one is renewed. */
  follow: (timeouts: Timeouts) => void
  stop: () => void
}

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

export function createWatch({ signal, answer, sink, heartbeat, startedAt, clock }: WatchOptions): Watch {
  let current = new AbortController()
  const deadlines = createDeadlines(clock, onDue)
  const { due } = deadlines
  const watch = { signal: current.signal, over: false, deadlines, heartbeat, follow, stop }
  due.heartbeat = clock.now() + heartbeat
  deadlines.rearm()
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  return watch

  function follow(timeouts: Timeouts): void {
    due.total = startedAt + timeouts.total
    deadlines.rearm()
    if (!current.signal.aborted || watch.over) return
    current = new AbortController()
    watch.signal = current.signal
  }

  function stop(): void {
    deadlines.stop()
    signal.removeEventListener('abort', onAbort)
  }

  function onAbort(): void {
    end(signal.reason)
  }

  function end(reason: unknown): void {
    watch.over = true
    current.abort(reason)
  }

  function onDue(deadline: Deadline): void {
    switch (deadline) {
      case 'heartbeat':
        due.heartbeat = clock.now() + heartbeat
        // A client that takes nothing is not helped by more.
        if (due.slowClient === Infinity) answer.write(HEARTBEAT_FRAME)
        return
      case 'slowClient':
        end(relayError('slow_client'))
        return sink.destroy()
      case 'total': return end(relayError('total_timeout'))
      case 'firstByte': return current.abort(relayError('upstream_timeout'))
      case 'byteIdle': case 'eventIdle': return current.abort(relayError('idle_timeout'))
    }
  }
}
