import type { Clock } from './clock'

/** What a run can be waiting for; see `Timeouts`. `heartbeat` is no violation: it is only due. */
export type Deadline = 'heartbeat' | 'firstByte' | 'byteIdle' | 'eventIdle' | 'slowClient' | 'total'

const DEADLINES: readonly Deadline[] = ['heartbeat', 'firstByte', 'byteIdle', 'eventIdle', 'slowClient', 'total']

/** Longest delay of a timer; one that is longer would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

export interface DeadlineOwner {
  onDue: (deadline: Deadline) => void
}

/** All deadlines of a run on one timer, set again only when it fires or must fire earlier. */
export class Deadlines {
  /**
   * When each is due, `Infinity`: never. A deadline is moved later, or taken back, by writing here and nothing else, which is
   * all that happens per chunk: the timer finds out when it fires.
   */
  readonly due: Record<Deadline, number> = {
    heartbeat: Infinity, firstByte: Infinity, byteIdle: Infinity, eventIdle: Infinity, slowClient: Infinity, total: Infinity,
  }

  private timer: unknown
  private firesAt = Infinity
  private stopped = false

  constructor(private readonly clock: Clock, private readonly owner: DeadlineOwner) {}

  /** To be called after a deadline was set that may be the earliest now. */
  rearm(): void {
    if (this.stopped) return
    const { due, clock } = this
    const next = Math.min(due.heartbeat, due.firstByte, due.byteIdle, due.eventIdle, due.slowClient, due.total)
    if (next >= this.firesAt) return
    if (this.firesAt !== Infinity) clock.clearTimeout(this.timer)
    this.firesAt = next
    this.timer = clock.setTimeout(this.fire, Math.min(Math.max(0, next - clock.now()), LONGEST_MS))
  }

  /** The run is over: nothing is due any more. */
  stop(): void {
    this.stopped = true
    if (this.firesAt !== Infinity) this.clock.clearTimeout(this.timer)
    this.firesAt = Infinity
  }

  private readonly fire = (): void => {
    this.firesAt = Infinity
    const now = this.clock.now()
    for (const name of DEADLINES) {
      if (this.stopped || this.due[name] > now) continue
      this.due[name] = Infinity
      this.owner.onDue(name)
    }
    this.rearm()
  }
}
