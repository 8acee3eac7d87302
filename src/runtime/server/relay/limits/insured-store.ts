import type { LimitStore } from './store'

/**
 * Counts in the first store, and while that fails in the second: a Redis that is down neither opens the relay to everyone nor
 * closes it.
 */
export function createInsuredStore(shared: LimitStore, own: LimitStore, onFailure: (error: unknown) => void): LimitStore {
  const insured = <T>(ask: (store: LimitStore) => Promise<T>) => ask(shared).catch((error) => {
    onFailure(error)
    return ask(own)
  })
  return {
    hit: key => insured(store => store.hit(key)),
    acquire: (key, limit) => insured(store => store.acquire(key, limit)),
    reserve: (key, tokens, budget) => insured(store => store.reserve(key, tokens, budget)),
  }
}
