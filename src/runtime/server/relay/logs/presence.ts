import { later, type Timer } from './later'

/** Knows whether anybody watches a run, by what viewers say and how long each word holds. */
export interface Presence {
  /** A viewer is there, and will say so again within `ms`. */
  touch: (ms: number) => void
  /** The run is over. */
  end: () => void
}

/**
 * Calls `onOrphan` when the last word has run out, never before a first one. `remaining` is asked then: milliseconds that
 * viewers elsewhere still stand for. One timer, armed again only when it fires: viewers say more than there is to do.
 */
export function createPresence(onOrphan: () => void, remaining?: () => Promise<number>): Presence {
  let until = 0
  let timer: Timer | undefined
  let ended = false

  return {
    touch(ms) {
      until = Math.max(until, performance.now() + ms)
      if (!ended) timer ??= later(look, ms)
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }

  async function look(): Promise<void> {
    let left = until - performance.now()
    if (left <= 0 && remaining) left = await remaining()
    if (ended) return
    timer = left > 0 ? later(look, left) : undefined
    if (left <= 0) onOrphan()
  }
}
