import type { App, H3Event } from 'h3'

type AfterResponse = NonNullable<App['options']['onAfterResponse']>

/** What is known of an answer that goes on when its handler has returned; the hook, once h3 has asked for it meanwhile. */
const STATE = Symbol('open answer')

type OpenEvent = H3Event & { [STATE]?: 'open' | 'over' | AfterResponse }

/**
 * Lets Nitro's hook `afterResponse` wait for answers whose handler has returned. A handler that waited for its answer to end would
 * keep suspended functions of h3's and Nitro's for as long: 1.7 of the 21 KB that an open stream took.
 */
export function delayAfterResponse({ options }: App): void {
  const { onAfterResponse: tell } = options
  options.onAfterResponse = (event: OpenEvent, response) => {
    if (event[STATE] !== 'open') return tell?.(event, response)
    event[STATE] = tell ?? 'over'
  }
}

/** The handler is going to return before the answer has ended; the function that is given back says that it has. */
export function leaveOpen(event: OpenEvent): () => void {
  event[STATE] = 'open'
  return () => {
    const asked = event[STATE]
    event[STATE] = 'over'
    if (typeof asked === 'function') void asked(event, undefined)
  }
}
