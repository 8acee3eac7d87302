import type { App, H3Event } from 'h3'

/** What is known of an answer that goes on when its handler has returned: whether h3 has asked for its `afterResponse` meanwhile. */
const STATE = Symbol('open answer')

type OpenEvent = H3Event & { [STATE]?: 'open' | 'asked' | 'over' }

let tellAfter: App['options']['onAfterResponse']

/**
 * Lets Nitro's hook `afterResponse` wait for answers whose handler has returned. A handler that waited for its answer to end would
 * keep suspended functions of h3's and Nitro's for as long: 1.7 of the 21 KB that an open stream took.
 */
export function delayAfterResponse({ options }: App): void {
  tellAfter = options.onAfterResponse
  options.onAfterResponse = (event: OpenEvent, response) => {
    if (event[STATE] === 'open') event[STATE] = 'asked'
    else return tellAfter?.(event, response)
  }
}

/** The handler is going to return before the answer has ended; the function that is given back says that it has. */
export function leaveOpen(event: OpenEvent): () => void {
  event[STATE] = 'open'
  return () => {
    if (event[STATE] === 'asked') void tellAfter?.(event, undefined)
    event[STATE] = 'over'
  }
}
