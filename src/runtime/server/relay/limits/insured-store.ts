import type { Logger } from '../logger'
import { sparing } from '../logger'
import type { LimitStore } from './store'

/**
 * Counts in the first store, and while that fails in the second: a Redis that is down neither opens the relay to everyone nor
 * closes it.
 */
export function createInsuredStore(shared: LimitStore, own: LimitStore, logger: Logger): LimitStore {
  const complain = sparing(logger, 1)
  const insured = <T>(ask: (store: LimitStore) => Promise<T>) => ask(shared).catch(() => {
    complain('redis', 'Redis does not answer: limits are counted by this process alone until it does.')
    return ask(own)
  })
  return {
    hit: key => insured(store => store.hit(key)),
    acquire: (key, limit) => insured(store => store.acquire(key, limit)),
    reserve: (key, tokens, budget) => insured(store => store.reserve(key, tokens, budget)),
  }
}
