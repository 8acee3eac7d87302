import { expect, it, onTestFinished } from 'vitest'
import { createRedisLog } from '../../src/runtime/server/relay/logs/redis'
import { createLiveAnswer, toFrames } from '../../src/runtime/testing'
import { type RedisServer, startRedis, until } from '../setup/redis'
import { hello, startWholeRelay } from '../unit/server/relay/support/relay'

// What becomes of everybody who watches a run while Redis is in trouble (R6, R7).

const frames = toFrames({ text: Array.from({ length: 100 }, (_, index) => `word${index} `) }, { protocol: 'chat' })
const whole = frames.join('')

/** A relay, as a process of its own would have it, that is soon out of patience. */
async function start(redis: RedisServer) {
  const log = createRedisLog({ client: redis.client(), lease: 3_000, beat: 300, patience: 3_000 })
  const relay = await startWholeRelay({ log, resume: { secret: 'secret' }, authorize: () => ({ subject: 'anyone' }) })
  onTestFinished(() => log.close!())
  return { ...relay, read: (id: string) => fetch(`${relay.url}/api/llm/streams/${id}`) }
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

it.each<[string, (redis: RedisServer) => Promise<unknown>]>([
  ['dies', redis => redis.kill()],
  ['dies and comes back empty', async (redis) => {
    await redis.kill()
    await redis.restart()
  }],
  ['is emptied', redis => redis.client().flushall()],
  ['is full', redis => redis.client().config('SET', 'maxmemory', '1')],
  ['may no longer write', redis => redis.client().replicaof('127.0.0.1', 1)],
  ['cuts every connection', redis => redis.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')],
  ['answers two seconds late', async (redis) => {
    redis.freeze()
    setTimeout(() => redis.thaw(), 2_000)
  }],
])('the first viewer gets everything and the others a clear end, without a gap, when Redis %s', async (_, trouble) => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const [one, other] = [await start(redis), await start(redis)]
  const live = createLiveAnswer()
  one.upstream.respond = () => live
  live.emit(...frames.slice(0, 5))
  const first = await one.post('chat/completions', hello, { headers: { 'x-stream-resumable': '1' } })
  const id = first.headers.get('x-stream-id')!
  await until(() => redis.client().exists(`nls:{${id}}:log`))
  const others = await Promise.all([one, other].map(relay => relay.read(id)))

  await trouble(redis)
  for (let said = 5; said < frames.length; said += 5) {
    live.emit(...frames.slice(said, said + 5))
    await pause(30)
  }
  live.end()

  expect(unnumbered(await first.text())).toBe(whole)
  for (const viewer of others) {
    const received = await viewer.text()
    const said = unnumbered(received).replace(/event: error\n.*\n\n$/, '')
    expect(whole.startsWith(said)).toBe(true)
    expect(numbers(received)).toEqual(numbers(received).map((_, index) => index + 2))
    if (said !== whole) expect(received).toMatch(/\n\nevent: error\ndata: \{"error":\{"code":"(?:log_lost|producer_lost)".*\n\n$/)
  }
})

const numbers = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))
const unnumbered = (text: string): string => text.replace(/^id: \d+\n|^:\n\n/gm, '')
