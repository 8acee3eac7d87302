import type { StreamError } from '../../shared/errors'

const FIRST_WAIT = 500
const LONGEST_WAIT = 8_000
/** A server that asks for more than this is not waited for. */
const LONGEST_REQUESTED = 60_000

/**
 * Milliseconds to wait before the same request is sent again, after so many attempts; `undefined`: sending it again is
 * pointless, or too far off.
 */
export function retryDelay({ code, retryable, retryAfterMs }: StreamError, attempts: number): number | undefined {
  if (!retryable || code === 'total_timeout') return
  if (retryAfterMs !== undefined) return retryAfterMs <= LONGEST_REQUESTED ? retryAfterMs : undefined
  const wait = Math.min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
  // Between half and all of it, so that those who failed together do not come back together.
  return wait * (0.5 + Math.random() / 2)
}
