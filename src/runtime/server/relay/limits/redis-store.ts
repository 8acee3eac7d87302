import RateLimiterRedis from 'rate-limiter-flexible/lib/RateLimiterRedis.js'
import type { RedisClient } from '../redis'
import { toHits, UNBOUNDED } from './memory-store'
import type { LimitStore } from './store'
import { BUDGET_WINDOW, RATE_WINDOW } from './store'

export interface RedisStoreOptions {
  /** Milliseconds that a slot stays taken after its holder was last heard of, which is every third of it. @default 30000 */
  leaseTtl?: number
}

/** KEYS: slots. ARGV: limit, lifetime, token. Time is Redis's own: the clocks of several servers differ. */
const ACQUIRE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`

/** KEYS: slots. ARGV: lifetime, token. A lease that Redis lost is taken again, so that counts come right after a restart. */
const RENEW = `
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[1])`

/** KEYS: slots. ARGV: token. */
const RELEASE = `redis.call('ZREM', KEYS[1], ARGV[1])`

/** KEYS: budget. ARGV: tokens, budget, window, token of the window. Gives the token, or the milliseconds left. */
const RESERVE = `
local used = tonumber(redis.call('HGET', KEYS[1], 'used') or '0')
if used + ARGV[1] > tonumber(ARGV[2]) then return math.max(0, redis.call('PTTL', KEYS[1])) end
redis.call('HINCRBY', KEYS[1], 'used', ARGV[1])
if redis.call('HSETNX', KEYS[1], 'window', ARGV[4]) == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return redis.call('HGET', KEYS[1], 'window')`

/** KEYS: budget. ARGV: token of the window, change. A window that has ended is left alone. */
const SETTLE = `
if redis.call('HGET', KEYS[1], 'window') == ARGV[1] then redis.call('HINCRBY', KEYS[1], 'used', ARGV[2]) end`

/** Limits that several processes share. Every operation rejects when Redis does not answer. */
export function createRedisStore(client: RedisClient, { leaseTtl = 30_000 }: RedisStoreOptions = {}): LimitStore {
  const rates = new RateLimiterRedis({ storeClient: client, keyPrefix: 'nls:rate', points: UNBOUNDED, duration: RATE_WINDOW / 1000 })
  const leases = new Map<string, string>()
  let renewal: ReturnType<typeof setInterval> | undefined

  return {
    async hit(key) {
      return toHits(await rates.consume(key))
    },

    async acquire(key, limit) {
      const slots = `nls:slots:${key}`
      const token = crypto.randomUUID()
      const taken = await client.eval(ACQUIRE, 1, slots, limit, leaseTtl, token).catch((error) => {
        ignore(client.eval(RELEASE, 1, slots, token)) // it may have been taken all the same
        throw error
      })
      if (taken !== 1) return
      hold(token, slots)
      return { release: () => letGo(token, slots) }
    },

    async reserve(key, tokens, budget) {
      const used = `nls:budget:${key}`
      const answer = await client.eval(RESERVE, 1, used, tokens, budget, BUDGET_WINDOW, crypto.randomUUID())
      if (typeof answer !== 'string') return { granted: false, endsInMs: Number(answer) }
      return { granted: true, settle: actual => ignore(client.eval(SETTLE, 1, used, answer, actual - tokens)) }
    },
  }

  function hold(token: string, slots: string): void {
    leases.set(token, slots)
    renewal ??= setInterval(renew, leaseTtl / 3)
    if (typeof renewal === 'object') renewal.unref()
  }

  function renew(): void {
    for (const [token, slots] of leases) ignore(client.eval(RENEW, 1, slots, leaseTtl, token))
  }

  function letGo(token: string, slots: string): void {
    if (!leases.delete(token)) return
    ignore(client.eval(RELEASE, 1, slots, token))
    if (leases.size > 0) return
    clearInterval(renewal)
    renewal = undefined
  }
}

/** A lease comes free and a budget starts anew without it, only later; nobody waits for it. */
function ignore(reply: Promise<unknown>): void {
  reply.catch(() => {})
}
