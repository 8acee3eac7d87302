/** A table of peers by figures; `×` is the ratio to the first peer. */
export function toTable(best) {
  const [[first, limits]] = best
  const keys = Object.keys(limits)
  return [
    `| | ${keys.join(' | ')} |`,
    `|--|${keys.map(() => '--').join('|')}|`,
    ...[...best].map(([name, values]) => `| ${name} | ${keys.map(key => name === first ? round(values[key]) : `${round(values[key])} (× ${(values[key] / limits[key]).toFixed(2)})`).join(' | ')} |`),
  ]
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
