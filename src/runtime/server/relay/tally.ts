/** How many there are of each kind. */
export interface Tally {
  count: (kind: string) => number
  /** Counts one in; the returned function counts it out. */
  add: (kind: string) => () => void
}

export function createTally(): Tally {
  const counts = new Map<string, number>()
  const count = (kind: string) => counts.get(kind) ?? 0
  return {
    count,
    add(kind) {
      counts.set(kind, count(kind) + 1)
      return () => {
        if (count(kind) > 1) counts.set(kind, count(kind) - 1)
        else counts.delete(kind)
      }
    },
  }
}
