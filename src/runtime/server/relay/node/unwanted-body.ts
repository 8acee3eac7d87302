import type { NodeRequest } from './listener'

/** What is still taken of a body, and for how many milliseconds. Most have arrived by then; others come byte by byte, or never end. */
const TAKEN_BYTES = 1024 * 1024
const TAKEN_MS = 2000

/**
 * Throws the rest of a body away, within bounds; tells, once, whether all of it came. A connection that was closed at once would be
 * reset, often before its client has read why it was refused; one that stays open for as long as the body takes could be held for ever.
 */
export function leaveBody(request: NodeRequest, told: (whole: boolean) => void): void {
  if (request.complete) return told(true)
  let taken = 0
  let tell = (whole: boolean) => {
    tell = nothing
    clearTimeout(timer)
    told(whole)
  }
  const timer = setTimeout(() => tell(false), TAKEN_MS)
  timer.unref()
  request.on('end', () => tell(true))
  request.on('close', () => tell(true)) // with its connection
  request.on('data', (bytes) => {
    taken += bytes.length
    if (taken > TAKEN_BYTES) request.pause() // its client has until the time is over to read the answer
  })
  request.resume()
}

function nothing(): void {}
