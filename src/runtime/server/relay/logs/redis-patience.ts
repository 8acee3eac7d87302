import { pause } from './later'
import { COMMAND_TIMEOUT } from './redis-connection'

/** How long Redis is given to answer, in milliseconds. */
const PATIENCE = 2_000
const RETRY_PAUSE = 100

/**
 * Asks Redis again until it answers, for whatever does no harm when it is done twice: of a command that failed on the way nobody
 * knows whether it was. An error that Redis itself answers is final.
 *
 * Counted is the time that Redis had. A process that is held up finds every time limit over before it gets to read the reply,
 * which has been there for long.
 */
export async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let given = 0; ;) {
    const askedAt = performance.now()
    try {
      return await attempt()
    }
    catch (error) {
      given += Math.min(performance.now() - askedAt, COMMAND_TIMEOUT) + RETRY_PAUSE
      if (isReply(error) || given > PATIENCE) throw error
      await pause(RETRY_PAUSE)
    }
  }
}

/** Redis answered with an error, so it did not do it; every other failure leaves that open. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError'
}
