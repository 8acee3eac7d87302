import type { Caller } from '../authorize'
import { relayError } from '../failures'
import type { Lease, LimitStore, Reservation } from './store'

export interface Limiter {
  /** Lets a run begin, or throws `rate_limited` or `too_many_runs`. What is refused has been counted all the same. */
  admit: (caller: Caller) => Promise<Admission>
  /** Lets a viewer of a run in: only the address counts. */
  admitViewer: (caller: Caller) => Promise<void>
}

/** A run that is let in: what it holds until it ends. */
export interface Admission {
  /** Sets tokens aside from the subject's budget, or throws `budget_exceeded`. */
  reserve: (tokens: number) => Promise<void>
  /** Gives everything back and charges the tokens that were used. To be called on every way out. */
  release: (usedTokens: number) => void
}

/** The limits of relay.md §2, step 4, from the widest to the narrowest. */
export function createLimiter(openStore: () => Promise<LimitStore>): Limiter {
  return {
    async admit({ subject, bucket, limits }) {
      const store = await openStore()
      await countHit(store, 'all', limits.globalRate)
      await countHit(store, `ip:${bucket}`, limits.ipRate)
      await countHit(store, `subject:${subject}`, limits.rate)
      return new Held(store, subject, limits.tokens, await takeSlots(store, [['all', limits.globalConcurrency], [`subject:${subject}`, limits.concurrency]]))
    },
    async admitViewer({ bucket, limits }) {
      await countHit(await openStore(), `ip:${bucket}`, limits.ipRate)
    },
  }
}

/** A class, since every open stream has one. */
class Held implements Admission {
  private reservation: Reservation | undefined

  constructor(private readonly store: LimitStore, private readonly subject: string, private readonly budget: number | false, private readonly leases: readonly Lease[]) {}

  async reserve(tokens: number): Promise<void> {
    if (this.budget === false) return
    const answer = await this.store.reserve(this.subject, tokens, this.budget)
    if (!answer.granted) throw relayError('budget_exceeded', { retryAfterMs: toRetryAfter(answer.endsInMs) })
    this.reservation = answer
  }

  release(usedTokens: number): void {
    for (const lease of this.leases) lease.release()
    this.reservation?.settle(usedTokens)
  }
}

async function countHit(store: LimitStore, key: string, limit: number | false): Promise<void> {
  if (limit === false) return
  const { count, endsInMs } = await store.hit(key)
  if (count > limit) throw relayError('rate_limited', { retryAfterMs: toRetryAfter(endsInMs) })
}

async function takeSlots(store: LimitStore, wanted: readonly [key: string, limit: number | false][]): Promise<readonly Lease[]> {
  const leases: Lease[] = []
  for (const [key, limit] of wanted) {
    if (limit === false) continue
    const lease = await store.acquire(key, limit)
    if (lease) {
      leases.push(lease)
      continue
    }
    for (const taken of leases) taken.release()
    throw relayError('too_many_runs', { retryAfterMs: 1000 })
  }
  return leases.slice() // with no room to spare
}

/** From a second to an hour: what a client can be asked to wait for. */
function toRetryAfter(ms: number): number {
  return Math.min(Math.max(1000, Math.ceil(ms)), 3_600_000)
}
