/** Chance that can be had again: the same seed gives the same throws. */
export interface Dice {
  /** Whether something happens that does so with this probability. */
  chance: (probability: number) => boolean
  /** A whole number from 0, below the bound. */
  below: (bound: number) => number
  pick: <T>(...options: T[]) => T
  /** Comes at once, in a microtask, with the next tick, or up to 30 ms later. */
  soon: () => Promise<void>
}

export function createDice(seed: number): Dice {
  let state = seed
  /** Mulberry32: from 0, below 1. */
  const roll = () => {
    state = (state + 0x6D2B79F5) | 0
    const mixed = Math.imul(state ^ state >>> 15, 1 | state)
    const more = (mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed)) ^ mixed
    return ((more ^ more >>> 14) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(roll() * bound)
  return {
    chance: probability => roll() < probability,
    below,
    pick: (...options) => options[below(options.length)]!,
    async soon() {
      switch (below(4)) {
        case 0: return
        case 1: return await Promise.resolve()
        case 2: return await new Promise(resolve => process.nextTick(resolve))
        default: return await new Promise(resolve => setTimeout(resolve, below(30)))
      }
    },
  }
}
