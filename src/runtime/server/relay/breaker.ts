import type { Clock } from './clock'
import { systemClock } from './clock'

/** Circuit breakers of a relay, one per upstream, by name. In memory: each process finds out for itself. */
export interface Breakers {
  /** Milliseconds until the upstream may be called again; 0: now, and the caller says what came of it. */
  refuseMs: (upstream: string) => number
  /** `unknown`: the call says nothing about the upstream's health, such as one that the client left. */
  tell: (upstream: string, result: 'good' | 'bad' | 'unknown') => void
}

const FAILURES = 5
const OPEN_MS = 30_000

interface State {
  /** In a row. */
  failures: number
  openUntil: number
  probing: boolean
}

/** Five failures in a row close an upstream off for half a minute; then one call at a time may try. */
export function createBreakers(clock: Clock = systemClock): Breakers {
  const states = new Map<string, State>()

  return {
    refuseMs(upstream) {
      const state = states.get(upstream)
      if (!state || state.failures < FAILURES) return 0
      const wait = state.openUntil - clock.now()
      if (wait > 0) return wait
      if (state.probing) return 1000
      state.probing = true
      return 0
    },
    tell(upstream, result) {
      const state = states.get(upstream) ?? { failures: 0, openUntil: 0, probing: false }
      state.probing = false
      if (result === 'good') states.delete(upstream)
      if (result !== 'bad') return
      states.set(upstream, state)
      if (++state.failures >= FAILURES) state.openUntil = clock.now() + OPEN_MS
    },
  }
}
