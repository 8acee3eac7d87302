import { afterAll, beforeAll, describe, it } from 'vitest'
import { createRedisLog } from '../../src/runtime/server/relay/logs/redis'
import { describeLog } from '../../src/runtime/testing/describe-log'
import { type RedisServer, startRedis } from '../setup/redis'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())

describe('the Redis driver', () => {
  describeLog({ describe, it }, async () => {
    const client = redis.client()
    return {
      log: createRedisLog({ client, beat: 200 }),
      other: createRedisLog({ client, beat: 200 }),
      close: async () => client.disconnect(),
    }
  })
})
