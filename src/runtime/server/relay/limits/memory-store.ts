import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import type { Hits, Lease, LimitStore } from './store'
import { BUDGET_WINDOW, RATE_WINDOW } from './store'

/**
 * Never reached: the limiter only counts. Every caller may have a limit of their own, but a limiter of the library has one for
 * all of its keys.
 */
export const UNBOUNDED = Number.MAX_SAFE_INTEGER

interface Window {
  used: number
  /** `performance.now()`. */
  endsAt: number
}

/** Limits of this process alone. */
export function createMemoryStore(): LimitStore {
  const rates = new RateLimiterMemory({ points: UNBOUNDED, duration: RATE_WINDOW / 1000 })
  const slots = new Map<string, number>()
  const budgets = new Map<string, Window>()
  let sweepAt = 0

  return {
    async hit(key) {
      return toHits(await rates.consume(key))
    },

    async acquire(key, limit) {
      const taken = slots.get(key) ?? 0
      if (taken >= limit) return
      slots.set(key, taken + 1)
      return new Slot(slots, key)
    },

    async reserve(key, tokens, budget) {
      const now = performance.now()
      sweep(now)
      let window = budgets.get(key)
      if (!window || window.endsAt <= now) window = { used: 0, endsAt: now + BUDGET_WINDOW }
      if (window.used + tokens > budget) return { granted: false, endsInMs: window.endsAt - now }
      window.used += tokens
      budgets.set(key, window)
      return { granted: true, settle: (used) => { window.used += used - tokens } }
    },
  }

  /** Forgets windows that have ended, now and then. */
  function sweep(now: number): void {
    if (now < sweepAt) return
    sweepAt = now + RATE_WINDOW
    for (const [key, { endsAt }] of budgets) {
      if (endsAt <= now) budgets.delete(key)
    }
  }
}

/** A class, since every open stream has one. */
class Slot implements Lease {
  private held = true

  constructor(private readonly slots: Map<string, number>, private readonly key: string) {}

  release(): void {
    if (!this.held) return
    this.held = false
    const left = this.slots.get(this.key)! - 1
    if (left === 0) this.slots.delete(this.key)
    else this.slots.set(this.key, left)
  }
}

/** The library measures by the wall clock; when that is set back, a window still ends in time but does not know it. */
export function toHits({ consumedPoints, msBeforeNext }: { consumedPoints: number, msBeforeNext: number }): Hits {
  return { count: consumedPoints, endsInMs: Math.min(Math.max(0, msBeforeNext), RATE_WINDOW) }
}
