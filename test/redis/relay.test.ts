import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLiveAnswer, type LiveAnswer, toFrames } from '../../src/runtime/testing'
import { type RedisServer, startRedis, until } from '../setup/redis'
import { comeBackOnce, untilSeated, watchRestlessly } from '../support/restless-viewer'
import { hello, startWholeRelay } from '../unit/server/relay/support/relay'

type Relay = Awaited<ReturnType<typeof start>>

const frames = toFrames({ text: Array.from({ length: 150 }, (_, index) => `word${index} `) }, { protocol: 'chat' })

let redis: RedisServer
let admin: Redis
beforeEach(async () => {
  redis = await startRedis()
  admin = redis.client()
})
afterEach(() => redis.close())

/** A relay that keeps runs in Redis; several are as many processes. */
async function start(resume: object = {}) {
  const relay = await startWholeRelay({
    redis: { url: redis.url },
    resume: { driver: 'redis', secret: 'secret', ...resume },
    authorize: () => ({ subject: 'anyone', limits: { rate: false, ipRate: false, concurrency: false } }),
  })
  return { ...relay, ask: () => relay.post('chat/completions', hello, { headers: { 'x-stream-resumable': '1' } }) }
}

/** A run that has said something, and goes on as the test says. */
async function begin(relay: Relay) {
  const live = createLiveAnswer()
  relay.upstream.respond = () => live
  live.emit(...frames.slice(0, 5))
  const response = await relay.ask()
  const id = response.headers.get('x-stream-id')!
  await until(() => admin.exists(`nls:{${id}}:log`)) // what the first viewer gets does not wait for Redis
  return { live, response, id }
}

const read = (relay: Relay, id: string, after = 0) => fetch(`${relay.url}/api/llm/streams/${id}`, { headers: { 'last-event-id': String(after) } })
const unnumbered = (text: string) => text.replace(/^id: \d+\n|^:\n\n/gm, '')
const whole = frames.join('')

it('lets a run be followed, replayed and stopped from another process', async () => {
  const [one, other] = [await start(), await start()]
  const { live, response, id } = await begin(one)
  const following = await read(other, id, 3)
  live.emit(...frames.slice(5))
  live.end()
  const received = await response.text()
  expect(unnumbered(received)).toBe(whole)
  expect(unnumbered(await following.text())).toBe(frames.slice(2).join(''))
  await until(async () => (await read(other, id, frames.length + 1)).status === 204)
  expect(await (await read(other, id)).text()).toBe(received)

  const second = await begin(one)
  expect((await fetch(`${other.url}/api/llm/streams/${second.id}`, { method: 'DELETE' })).status).toBe(202)
  expect(await second.response.text()).toContain('"code":"stopped"')
  expect(await one.upstream.calls[1]!.ended).toBe('aborted')
})

it('loses and doubles nothing where connections break at 1 000 random bytes, whichever process is asked next', async () => {
  const [one, other] = [await start(), await start()]
  const { live, response, id } = await begin(one)
  const first = response.text()
  let visits = 0
  let said = 5
  const comeBack = (after: number) => {
    for (; said < after + 10; said++) live.emit(frames[5]!) // just enough that nobody waits for another
    if (++visits === 1_008) {
      live.emit(...frames.slice(-2))
      live.end()
    }
    const relay = visits % 2 ? one : other
    return untilSeated(() => read(relay, id, after))
  }
  const viewers = await Promise.all(Array.from({ length: 8 }, () => watchRestlessly(comeBack, 125)))
  const whole = await first
  for (const kept of viewers) expect(kept).toBe(whole)
})

it('loses and doubles nothing at 1 000 random bytes at which the connection that began a run breaks, whichever process is asked next', async () => {
  const [one, other] = [await start({ perOwner: 100 }), await start()]
  const lives = new Map<string, LiveAnswer>()
  one.upstream.respond = ({ text }) => lives.get(JSON.parse(text).messages[0].content)!
  const whole = [...frames.slice(0, 12), ...frames.slice(-2)].join('')

  const breakOnce = async (content: string) => {
    const live = createLiveAnswer()
    live.emit(...frames.slice(0, 5))
    lives.set(content, live)
    const response = await one.post('chat/completions', { messages: [{ role: 'user', content }], stream: true }, { headers: { 'x-stream-resumable': '1' } })
    const id = response.headers.get('x-stream-id')!
    await until(() => admin.exists(`nls:{${id}}:log`))
    const kept = await comeBackOnce({
      response,
      said: frames.slice(0, 5).join('').length,
      goOn() {
        live.emit(...frames.slice(5, 12), ...frames.slice(-2))
        live.end()
      },
      read: after => read(Math.random() < 0.5 ? one : other, id, after),
    })
    lives.delete(content)
    expect(unnumbered(kept)).toBe(whole)
    expect([...kept.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))).toEqual(Array.from({ length: 14 }, (_, index) => index + 2))
  }
  await Promise.all(Array.from({ length: 20 }, async (_, lane) => {
    for (let round = 0; round < 50; round++) await breakOnce(`${lane}-${round}`)
  }))
})

it('has a run end at the upstream when the last viewer leaves another process', async () => {
  const [one, other] = [await start({ orphanGrace: 1_000 }), await start({ orphanGrace: 1_000 })]
  const { response, id } = await begin(one)
  const following = await read(other, id)
  await response.body!.cancel()
  await new Promise(resolve => setTimeout(resolve, 1_500))
  expect(one.upstream.calls[0]!.endedAt).toBeUndefined()
  await following.body!.cancel()
  expect(await one.upstream.calls[0]!.ended).toBe('aborted')
})

describe('F27: Redis is down at start', () => {
  it('leaves plain runs', async () => {
    await redis.kill()
    const relay = await start()
    // An answer that is quicker than the refusal of the connection is found to be plain only then.
    await until(async () => {
      const response = await relay.ask()
      expect(await response.text()).toContain('[DONE]')
      return response.headers.get('x-stream-resumable') === '0'
    })
    const refused = await read(relay, 'AAAAAAAAAAAAAAAAAAAAAA')
    expect([refused.status, (await refused.json()).error.code]).toEqual([503, 'resume_unavailable'])
  })

  it('refuses runs that must be resumable, without a call', async () => {
    await redis.kill()
    const relay = await start({ required: true })
    const response = await relay.ask()
    expect([response.status, (await response.json()).error.code]).toEqual([503, 'resume_unavailable'])
    expect(relay.upstream.calls).toHaveLength(0)
  })
})

it('F28: gives the first viewer every frame when Redis dies and comes back empty, and tells the others', async () => {
  const [one, other] = [await start(), await start()]
  const { live, response, id } = await begin(one)
  const following = await read(other, id)
  live.emit(...frames.slice(5, 20))
  await redis.kill()
  live.emit(...frames.slice(20, 80))
  await redis.restart()
  expect(await following.text()).toMatch(/event: error\ndata: \{"error":\{"code":"log_lost"/)
  live.emit(...frames.slice(80))
  live.end()
  expect(unnumbered(await response.text())).toBe(whole)
  expect(await admin.keys('*:log')).toEqual([])
  expect((await read(other, id)).status).toBe(404)
})

it('F29: lets the first viewer wait for nothing when Redis does not answer', async () => {
  const relay = await start()
  const { live, response } = await begin(relay)
  redis.freeze()
  live.emit(...frames.slice(5))
  live.end()
  expect(unnumbered(await response.text())).toBe(whole)
  redis.thaw()
})

it('ends a run whose log is lost and whose viewer is gone', async () => {
  const relay = await start()
  const { live, response } = await begin(relay)
  await response.body!.cancel()
  await redis.kill()
  live.emit(...frames.slice(5, 20))
  expect(await relay.upstream.calls[0]!.ended).toBe('aborted')
})

it('ends a run at a silent upstream whose viewer is gone, and Redis too', async () => {
  const relay = await start({ orphanGrace: 200 })
  const { response } = await begin(relay)
  await redis.kill()
  await response.body!.cancel()
  expect(await relay.upstream.calls[0]!.ended).toBe('aborted')
})

it('leaves nothing in Redis when time to live is over', async () => {
  const relay = await start({ ttl: 300, ttlAfterEnd: 200, orphanGrace: 200 })
  const { live, response } = await begin(relay)
  live.end()
  await response.text()
  await until(async () => (await admin.keys('nls:{*')).length === 0)
})
