import type { Clock } from '../../src/runtime/server/relay/clock'

export interface FakeClock extends Clock {
  /** Lets time pass, and fires what becomes due on the way, in order. */
  pass: (ms: number) => void
  /** Timers that were ever set. */
  readonly timers: number
  /** Timers that wait. */
  readonly waiting: number
}

/** Time that passes when a test says so. */
export function createFakeClock(): FakeClock {
  let now = 0
  let timers = 0
  const waiting = new Map<number, { at: number, callback: () => void }>()
  return {
    now: () => now,
    setTimeout(callback, ms) {
      waiting.set(++timers, { at: now + ms, callback })
      return timers
    },
    clearTimeout: timer => void waiting.delete(timer as number),
    pass(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...waiting].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)
        if (!next) break
        const [timer, { at, callback }] = next
        waiting.delete(timer)
        now = Math.max(now, at)
        callback()
      }
      now = end
    },
    get timers() { return timers },
    get waiting() { return waiting.size },
  }
}
