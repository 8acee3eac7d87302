import type { Clock } from './clock'

/** What a run can be waiting for; see `Timeouts`. `heartbeat` is no violation: it is only due. */
export type Deadline = 'heartbeat' | 'firstByte' | 'byteIdle' | 'eventIdle' | 'slowClient' | 'total'

export interface Deadlines {
  /**
   * When each is due, `Infinity`: never. A deadline is moved later, or taken back, by writing here and nothing else, which is
   * all that happens per chunk: the timer finds out when it fires.
   */
  readonly due: Record<Deadline, number>
  /** To be called after a deadline was set that may be the earliest now. */
  rearm: () => void
  /** The run is over: nothing is due any more. */
  stop: () => void
}

const DEADLINES: readonly Deadline[] = ['heartbeat', 'firstByte', 'byteIdle', 'eventIdle', 'slowClient', 'total']

/** Longest delay of a timer; one that is longer would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** All deadlines of a run on one timer, set again only when it fires or must fire earlier. */
export function createDeadlines(clock: Clock, onDue: (deadline: Deadline) => void): Deadlines {
  const due: Record<Deadline, number> = {
    heartbeat: Infinity, firstByte: Infinity, byteIdle: Infinity, eventIdle: Infinity, slowClient: Infinity, total: Infinity,
  }
  let timer: unknown
  let firesAt = Infinity
  let stopped = false

  return { due, rearm, stop }

  function rearm(): void {
    if (stopped) return
    const next = Math.min(due.heartbeat, due.firstByte, due.byteIdle, due.eventIdle, due.slowClient, due.total)
    if (next >= firesAt) return
    if (firesAt !== Infinity) clock.clearTimeout(timer)
    firesAt = next
    timer = clock.setTimeout(fire, Math.min(Math.max(0, next - clock.now()), LONGEST_MS))
  }

  function fire(): void {
    firesAt = Infinity
    const now = clock.now()
    for (const name of DEADLINES) {
      if (stopped || due[name] > now) continue
      due[name] = Infinity
      onDue(name)
    }
    rearm()
  }

  function stop(): void {
    stopped = true
    if (firesAt !== Infinity) clock.clearTimeout(timer)
    firesAt = Infinity
  }
}
