import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRedisStore } from '../../src/runtime/server/relay/limits/redis-store'
import type { Reservation } from '../../src/runtime/server/relay/limits/store'
import { BUDGET_WINDOW } from '../../src/runtime/server/relay/limits/store'
import { silence } from '../../src/runtime/testing/faults'
import { type RedisServer, startRedis } from '../setup/redis'
import { hello, startWholeRelay } from '../unit/server/relay/support/relay'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.close())
beforeEach(() => redis.client().flushall())

const create = (leaseTtl?: number) => createRedisStore(redis.client(), { leaseTtl })

describe('limits in Redis', () => {
  it('count requests of all processes', async () => {
    const [one, other] = [create(), create()]
    const hits = await Promise.all(Array.from({ length: 100 }, (_, n) => (n % 2 ? one : other).hit('a')))
    expect(hits.map(({ count }) => count).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    expect(hits.every(({ endsInMs }) => endsInMs > 0 && endsInMs <= 60_000)).toBe(true)
    expect(await redis.client().pttl('nls:rate:a')).toBeGreaterThan(0)
  })

  it('give out slots to all processes together, and leave nothing behind', async () => {
    const [one, other] = [create(), create()]
    const leases = await Promise.all([one, other, one, other].map(store => store.acquire('a', 3)))
    const held = leases.filter(lease => lease !== undefined)
    expect(held).toHaveLength(3)
    for (const lease of held) lease.release()
    await vi.waitFor(async () => expect(await redis.client().dbsize()).toBe(0))
  })

  it('free the slot of a process that died, and only of one that died', async () => {
    const [dead, alive] = [redis.client(), create(300)]
    await createRedisStore(dead, { leaseTtl: 300 }).acquire('a', 2)
    const lease = await alive.acquire('a', 2)
    expect(await alive.acquire('a', 2)).toBeUndefined()
    dead.disconnect()
    const freed = await vi.waitFor(async () => (await alive.acquire('a', 2)) ?? expect.fail('still taken'), { timeout: 5_000 })
    expect(await alive.acquire('a', 2)).toBeUndefined()
    lease!.release()
    freed.release()
    await vi.waitFor(async () => expect(await redis.client().dbsize()).toBe(0))
  })

  it('count slots again that Redis forgot', async () => {
    const store = create(300)
    const lease = await store.acquire('a', 1)
    await redis.client().flushall()
    await vi.waitFor(async () => expect(await redis.client().zcard('nls:slots:a')).toBe(1))
    expect(await store.acquire('a', 1)).toBeUndefined()
    lease!.release()
  })

  it('keep no slot for whom Redis answered too late', async () => {
    const store = createRedisStore(redis.client({ commandTimeout: 100 }))
    await store.hit('a')
    redis.freeze()
    await expect(store.acquire('a', 1)).rejects.toThrow()
    redis.thaw()
    await vi.waitFor(() => store.hit('a')) // answered behind the rest
    expect(await create().acquire('a', 1)).toBeDefined()
  })

  it('keep one budget for all processes', async () => {
    const [one, other] = [create(), create()]
    const first = await one.reserve('a', 80, 100) as Reservation
    expect(await other.reserve('a', 30, 100)).toEqual({ granted: false, endsInMs: expect.toSatisfy((ms: number) => ms > 0 && ms <= BUDGET_WINDOW) })
    first.settle(60)
    await vi.waitFor(async () => expect(await redis.client().hget('nls:budget:a', 'used')).toBe('60'))
    expect(await other.reserve('a', 40, 100)).toMatchObject({ granted: true })
  })

  it('charge no old run to a new budget', async () => {
    const store = create()
    const old = await store.reserve('a', 80, 100) as Reservation
    await redis.client().del('nls:budget:a')
    await store.reserve('a', 50, 100)
    old.settle(0)
    expect(await store.reserve('a', 51, 100)).toMatchObject({ granted: false })
    expect(await store.reserve('a', 50, 100)).toMatchObject({ granted: true })
  })

  it('refuse what is larger than the whole budget', async () => {
    expect(await create().reserve('a', 101, 100)).toEqual({ granted: false, endsInMs: 0 })
    expect(await redis.client().dbsize()).toBe(0)
  })
})

describe('two relays on one Redis', () => {
  it('let through together what one may (T11)', async () => {
    const limits = { rate: 10, ipRate: false, concurrency: false } as const
    const relays = await Promise.all([startWholeRelay({ limits, redis: () => redis.client() }), startWholeRelay({ limits, redis: { url: redis.url } })])
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => relays[n % 2]!.post('chat/completions', hello)))
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50)
    expect(relays[0].upstream.calls.length + relays[1].upstream.calls.length).toBe(10)
  })

  it('share slots, and give them back when a client leaves', async () => {
    const given = { limits: { concurrency: 1 }, redis: () => redis.client(), respond: () => silence() }
    const [one, other] = await Promise.all([startWholeRelay(given), startWholeRelay(given)])
    const gone = new AbortController()
    const first = one.post('chat/completions', hello, { signal: gone.signal }).catch(() => {})
    await one.upstream.call(0)
    expect((await other.post('chat/completions', hello)).status).toBe(429)
    gone.abort()
    await first
    other.upstream.respond = () => 'Hi'
    await vi.waitFor(async () => expect((await other.post('chat/completions', hello)).status).toBe(200))
  })
})

it('goes on by itself while Redis is down, says so once, and comes back', async () => {
  const server = await startRedis()
  const { post, lines } = await startWholeRelay({ limits: { rate: 3 }, redis: () => server.client() })
  expect((await post('chat/completions', hello)).status).toBe(200)
  await server.kill()
  const statuses = []
  for (let n = 0; n < 4; n++) statuses.push((await post('chat/completions', hello)).status)
  expect(statuses).toEqual([200, 200, 200, 429])
  expect(lines).toEqual([expect.stringContaining('Redis does not answer')])
  await server.restart()
  await vi.waitFor(async () => {
    await post('chat/completions', hello)
    expect(await server.client().exists('nls:rate:subject:127.0.0.1')).toBe(1)
  }, { timeout: 10_000, interval: 200 })
  await server.close()
})

it('does not wait for a Redis that was never there', async () => {
  const { post, lines } = await startWholeRelay({ redis: { url: 'redis://127.0.0.1:1' } })
  expect((await post('chat/completions', hello)).status).toBe(200)
  expect(lines).toHaveLength(1)
})
