import type { Logger } from '../logger'
import { describeError, sparing } from '../logger'
import { later } from '../logs/later'
import { connect, findCause, ready } from '../logs/redis-connection'
import type { RedisClient } from '../redis'
import { createInsuredStore } from './insured-store'
import { createMemoryStore } from './memory-store'
import { createRedisStore } from './redis-store'
import type { LimitStore } from './store'

export interface StoreOpener {
  /** The same store each time, opened with the first request; where there was to be a Redis and is none, it is looked for again. */
  open: () => Promise<LimitStore>
  close: () => void
}

/** When a Redis that could not be had is asked for again, in milliseconds. */
const AGAIN = 10_000

/** Counts in Redis where there is one, else in this process. */
export function createStoreOpener(redis: () => Promise<RedisClient | undefined>, logger: Logger): StoreOpener {
  let store: Promise<LimitStore> | undefined
  let connection: RedisClient | undefined
  const own = createMemoryStore()
  const complain = sparing(logger, 1)
  return {
    open: () => store ??= open(),
    close: () => connection?.disconnect(),
  }

  async function open(): Promise<LimitStore> {
    const client = await redis().catch((error) => {
      complain('none', `No Redis, so limits are counted by each process alone: ${describeError(error)}`)
      later(() => { store = undefined }, AGAIN)
    })
    if (!client) return own
    connection = connect(client)
    await ready(connection)
    return createInsuredStore(createRedisStore(connection), own, failed)
  }

  function failed(error: unknown): void {
    const cause = describeError(findCause(connection!, error)) // it is what failed
    complain('redis', `Redis does not answer: limits are counted by this process alone until it does. ${cause}`)
  }
}
