/** An element with attributes, listeners (`onclick` …) and children. Text stays text: nothing is ever parsed as HTML. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (typeof value === 'function') element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== null && child !== false))
  return element
}

/** Milliseconds for a person. */
export function formatMs(ms) {
  if (ms === undefined) return '–'
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round(ms % 60_000 / 1000)} s`
}

export function formatBytes(bytes) {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`
}

/** Characters of one value that are shown: a picture in a request is megabytes of letters. */
const SHOWN_LENGTH = 4000

/** A value as indented JSON. */
export function formatJson(value) {
  return JSON.stringify(value, (_, field) => typeof field === 'string' && field.length > SHOWN_LENGTH
    ? `${field.slice(0, SHOWN_LENGTH)}… (${field.length - SHOWN_LENGTH} more characters)`
    : field, 2)
}

/** Text that may be JSON, indented where it is. */
export function prettify(text) {
  try {
    return formatJson(JSON.parse(text))
  }
  catch {
    return text // such as [DONE]
  }
}
