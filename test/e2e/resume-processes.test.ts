import type { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { createFakeUpstream, createLiveAnswer, toFrames } from '../../src/runtime/testing'
import type { FakeUpstream } from '../../src/runtime/testing'
import { startRedis, until } from '../setup/redis'
import type { RedisServer } from '../setup/redis'
import { startRoundRobin } from '../setup/round-robin'
import type { RoundRobin } from '../setup/round-robin'
import { startServer } from '../setup/server'
import type { BuiltServer } from '../setup/server'
import { post } from '../support/ask-relay'

// Two built processes on one Redis, behind a balancer that knows nothing of runs.

const frames = toFrames({ text: Array.from({ length: 60 }, (_, index) => `word${index} `) }, { protocol: 'chat' })
const EARLY = 5

let redis: RedisServer
let admin: Redis
let upstream: FakeUpstream
let servers: BuiltServer[]
let balancer: RoundRobin

beforeEach(async () => {
  redis = await startRedis()
  admin = redis.client()
  upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  servers = await Promise.all([0, 1].map(() => startServer({
    app: inject('basicApp'),
    env: {
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: `${url}/v1`,
      NUXT_LLM_STREAM_API_KEY: 'sk-test',
      NUXT_LLM_STREAM_RESUME: '{"driver":"redis"}',
      NUXT_LLM_STREAM_RESUME_SECRET: 'a long random string',
      NUXT_LLM_STREAM_REDIS_URL: redis.url,
      NITRO_SHUTDOWN_TIMEOUT: '3000', // of which two thirds are the runs'
    },
  })))
  balancer = await startRoundRobin(servers.map(({ url }) => url))
})
afterEach(async () => {
  balancer?.close()
  await Promise.all(servers.map(server => server.close('SIGKILL')))
  await upstream.close()
  await redis.close()
})

/** Starts a run that has said a few words, and waits for the rest until the test gives it. */
async function begin() {
  const live = createLiveAnswer()
  live.emit(...frames.slice(0, EARLY))
  upstream.respond = () => live
  const response = await post(`${balancer.url}/api/llm`, { headers: { 'x-stream-resumable': '1' } })
  const id = response.headers.get('x-stream-id')
  expect(id, servers.map(({ output }) => output()).join('\n')).not.toBeNull()
  // What the first viewer gets does not wait for Redis; a second one can come once it has the frames.
  await until(async () => Number.parseInt((await admin.xrevrange(`nls:{${id}}:log`, '+', '-', 'COUNT', 1))[0]?.[0] ?? '') === EARLY + 1)
  return {
    id: id!,
    response,
    call: upstream.calls.at(-1)!,
    finish() {
      live.emit(...frames.slice(EARLY))
      live.end()
    },
    read: (after = 0) => fetch(`${balancer.url}/api/llm/streams/${id}`, { headers: { 'last-event-id': String(after) } }),
    stop: () => fetch(`${balancer.url}/api/llm/streams/${id}`, { method: 'DELETE' }),
  }
}

/** What an answer says, without the numbers of its frames and without heartbeats. */
const unnumbered = (text: string) => text.replace(/^id: \d+\n|^:\n\n/gm, '')
const numbers = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))

it('follows on one process what was asked on the other, and replays it from both', async () => {
  const run = await begin()
  const following = await run.read(4)
  run.finish()
  const whole = await run.response.text()
  expect(unnumbered(whole)).toBe(frames.join(''))
  expect(numbers(whole)).toEqual(frames.map((_, index) => index + 2))
  expect(unnumbered(await following.text())).toBe(frames.slice(3).join(''))
  await until(async () => (await run.read(frames.length + 1)).status === 204)
  for (const process of [0, 1]) {
    balancer.only = process
    expect(await (await run.read()).text()).toBe(whole)
  }
})

it.each([['the one that asks the upstream', 0], ['the other', 1]])('stops a run from %s', async (_, stopper) => {
  balancer.only = 0
  const run = await begin()
  balancer.only = 1
  const following = await run.read()
  balancer.only = stopper
  const asked = performance.now()
  expect((await run.stop()).status).toBe(202)
  expect(await run.call.ended).toBe('aborted')
  expect(run.call.endedAt! - asked).toBeLessThan(1_000) // by the message: the next sign of life comes only after five seconds
  for (const viewer of [run.response, following]) expect(await viewer.text()).toContain('"code":"stopped"')
})

it('tells every reader within the lease when the process that asks the upstream is killed (F26)', async () => {
  balancer.only = 0
  const run = await begin()
  balancer.only = 1
  const following = await run.read()
  const broken = run.response.text().catch(() => 'broken')
  await servers[0]!.close('SIGKILL')
  expect(await broken).toBe('broken')
  expect(await run.call.ended).toBe('aborted')
  expect(await admin.pttl(`nls:{${run.id}}:lease`)).toBeLessThanOrEqual(15_000)
  const told = await following.text()
  expect(numbers(told)).toEqual([2, 3, 4, 5, 6])
  expect(told).toMatch(/event: error\ndata: \{"error":\{"code":"producer_lost",[^\n]*"retryable":true/)
  expect(await (await run.read()).text()).toContain('"code":"producer_lost"')
})

it.each(['SIGKILL', 'SIGTERM'] as const)('loses nothing when the process that a viewer reads from ends by %s', async (signal) => {
  balancer.only = 0
  const run = await begin()
  balancer.only = 1
  const following = await run.read()
  const broken = following.text().catch(() => 'broken')
  await servers[1]!.close(signal)
  expect(await broken).toBe('broken')
  balancer.only = undefined
  const again = await run.read(3)
  run.finish()
  expect(unnumbered(await again.text())).toBe(frames.slice(2).join(''))
  expect(unnumbered(await run.response.text())).toBe(frames.join(''))
  expect(upstream.calls).toHaveLength(1)
})
