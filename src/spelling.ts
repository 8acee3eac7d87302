/**
 * The name among the known ones that was most likely meant: the one that takes the fewest slips (a letter too many, too few,
 * another one, or two exchanged), if a third of its letters would do.
 */
export function findNearest(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined
  let fewest = Infinity
  for (const candidate of known) {
    const slips = countSlips(name.toLowerCase(), candidate.toLowerCase())
    if (slips < fewest && slips <= Math.max(1, Math.floor(candidate.length / 3))) [nearest, fewest] = [candidate, slips]
  }
  return nearest
}

/** Optimal string alignment distance, row by row. */
function countSlips(one: string, other: string): number {
  let older: number[] = []
  let old = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i++) {
    const row = [i]
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1]
      row[j] = Math.min(old[j]! + 1, row[j - 1]! + 1, old[j - 1]! + (same ? 0 : 1))
      const exchanged = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      if (exchanged) row[j] = Math.min(row[j]!, older[j - 2]! + 1)
    }
    [older, old] = [old, row]
  }
  return old[other.length]!
}
