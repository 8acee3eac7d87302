import { median, medianRatio } from './median.mjs'

/** A table of peers by figures, medians of their rounds; `×` is the ratio to the first peer. */
export function toTable(figures) {
  const [[first, limits]] = Object.entries(figures)
  const keys = Object.keys(limits)
  return [
    `| | ${keys.join(' | ')} |`,
    `|--|${keys.map(() => '--').join('|')}|`,
    ...Object.entries(figures).map(([name, values]) => `| ${name} | ${keys.map(key => name === first ? round(median(values[key])) : `${round(median(values[key]))} (× ${medianRatio(values[key], limits[key]).toFixed(2)})`).join(' | ')} |`),
  ]
}

function round(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
