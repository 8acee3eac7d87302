/** Of the rounds of one figure. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/**
 * How many times as much as another's, round by round: relays take turns, so that the two numbers of a round met the same
 * machine.
 */
export function medianRatio(values, others) {
  return median(values.map((value, round) => value / others[round]))
}
