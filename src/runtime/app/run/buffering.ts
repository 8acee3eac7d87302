/** Events in one read that no model writes at once. */
const MANY = 20
/** Milliseconds of silence before them. */
const SILENCE = 2000

/**
 * Notices, in development, an answer that arrives all at once after a long silence: something between the model and the
 * page holds it back, and users would wait in front of nothing. To be told of each read, with the events decoded so far.
 */
export function createBufferingCheck(began: number, warn: (message: string) => void): (now: number, events: number) => void {
  let last = began
  let known = 0
  let warned = false

  return (now, events) => {
    if (!warned && now - last > SILENCE && events - known > MANY) {
      warned = true
      warn(`${events - known} events of an answer arrived together after ${Math.round((now - last) / 1000)} seconds of silence: `
        + 'something in front of the relay buffers it. Switch off response buffering and compression for the relay\'s route.')
    }
    last = now
    known = events
  }
}
