import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cluster, type Redis } from 'ioredis'
import type { LogLifetime, RunEnd, StreamLog } from '../../src/runtime/server/relay/logs/log'
import { createRedisLog } from '../../src/runtime/server/relay/logs/redis'
import { append, collect, listen, randomId } from '../../src/runtime/testing/log-viewer'
import { type RedisServer, startRedis, until } from '../setup/redis'
import { startSwitch } from '../setup/switch'

const META = { owner: 'o', upstream: 'default', protocol: 'chat', model: 'm' } as const
const LIFETIME = { running: 60_000, ended: 60_000 }
const COMPLETE: RunEnd = { outcome: 'complete' }

let redis: RedisServer
let admin: Redis
let logs: StreamLog[]
beforeEach(async () => {
  redis = await startRedis()
  admin = redis.client()
  logs = []
})
afterEach(async () => {
  for (const log of logs) await log.close?.()
  await redis.close()
})

describe('a dead producer', () => {
  it('ends every reader with producer_lost once its lease is over', async () => {
    const [dying, log] = [process(SHORT), process()]
    const { id, writer } = await begin(dying)
    const frames = append(writer, 3)
    const readers = [collect(log, id, 0), collect(log, id, 0), collect(process(), id, 2)]
    await stored(id, 3)
    await dying.close?.()
    for (const { frames: read, end } of await Promise.all(readers)) {
      expect(frames.slice(-read.length)).toEqual(read)
      expect(end).toMatchObject({ outcome: 'failed', reason: 'producer_lost', error: { code: 'producer_lost', status: 503, retryable: true } })
    }
    expect(await log.open(id)).toMatchObject({ last: 4, end: { reason: 'producer_lost' } })
  })

  it('is found out by whoever opens its log', async () => {
    const dying = process()
    const { id } = await begin(dying)
    await dying.close?.()
    await admin.del(`nls:{${id}}:lease`)
    expect((await process().open(id))?.end?.reason).toBe('producer_lost')
  })

  it('counts as stopped when it was asked to stop', async () => {
    const [dying, log] = [process(SHORT), process()]
    const { id, writer } = await begin(dying)
    append(writer, 1)
    await stored(id, 1)
    await dying.close?.()
    const reading = collect(log, id, 0)
    await log.stop(id, 'stop')
    expect((await reading).end).toMatchObject({ outcome: 'stopped', error: { code: 'stopped' } })
  })

  it('cannot write on when it was only asleep', async () => {
    const asleep = process({ beat: 60_000 })
    const { id, writer, producer } = await begin(asleep)
    append(writer, 2)
    await stored(id, 2)
    await admin.del(`nls:{${id}}:lease`)
    const { end } = await collect(process(), id, 0)
    expect(end?.reason).toBe('producer_lost')
    append(writer, 50, 2)
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
    await writer.end(COMPLETE)
    const { frames, end: still } = await collect(process(), id, 0)
    expect(frames).toHaveLength(2)
    expect(still).toEqual(end)
  })

  it('learns from its next sign of life that it was given up', async () => {
    const { id, producer } = await begin(process())
    await admin.xadd(`nls:{${id}}:log`, '9007199254740991-0', 'l', '1', 'e', JSON.stringify(COMPLETE))
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
  })
})

describe('Redis in trouble', () => {
  it('loses nothing when every connection is cut', async () => {
    const log = process()
    const { id, writer, producer } = await begin(log)
    const reading = collect(log, id, 0)
    const frames = append(writer, 3)
    await stored(id, 3)
    for (let cut = 0; cut < 3; cut++) {
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      frames.push(...append(writer, 5, frames.length))
      await stored(id, frames.length)
    }
    await writer.end(COMPLETE)
    expect(await reading).toEqual({ frames, end: COMPLETE })
    expect(producer.heard).toEqual([])
  })

  it('gives the log up when Redis comes back empty, and never makes a part of it anew', async () => {
    const [log, other] = [process(), process()]
    const { id, writer, producer } = await begin(log)
    const reading = collect(other, id, 0).catch(error => error)
    append(writer, 3)
    await stored(id, 3)
    await redis.kill()
    append(writer, 3, 3)
    await redis.restart()
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
    append(writer, 3, 6)
    await writer.end(COMPLETE)
    expect(await reading).toMatchObject({ code: 'log_lost' })
    expect(await admin.dbsize()).toBe(0)
  })

  it('gives the log up when Redis stays away, at no cost to whoever appends', async () => {
    const { writer, producer } = await begin(process())
    await redis.kill()
    append(writer, 3)
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
    await writer.end(COMPLETE)
  })

  it('gives the log up when Redis is too slow', async () => {
    const { writer, producer } = await begin(process())
    redis.freeze()
    append(writer, 3)
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
    redis.thaw()
  })

  it('holds no more than its bound for a Redis that does not answer', async () => {
    const { writer, producer } = await begin(process())
    redis.freeze()
    const frame = new Uint8Array(16 * 1024)
    let appended = 0
    while (producer.heard.length === 0) writer.append(frame, ++appended)
    expect(appended).toBe(256 / 16 + 2)
    redis.thaw()
  })

  it.each([
    ['is out of memory', () => admin.config('SET', 'maxmemory', '1')],
    ['has become a replica', () => admin.replicaof('127.0.0.1', 1)],
    ['was emptied', () => admin.flushall()],
  ])('gives the log up at once when Redis %s', async (_title, trouble) => {
    const { writer, producer } = await begin(process())
    await trouble()
    append(writer, 1)
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
  })

  it('gives up the one log that is gone, and no other that was written at the same moment', async () => {
    const log = process()
    const [gone, other, wrong] = [await begin(log), await begin(log), await begin(log)]
    await admin.del(`nls:{${gone.id}}:log`)
    await admin.set(`nls:{${wrong.id}}:log`, 'not a stream')
    const [frames] = [other, gone, wrong].map(({ writer }) => append(writer, 3))
    await until(() => gone.producer.heard.length > 0 && wrong.producer.heard.length > 0)
    await other.writer.end(COMPLETE)
    expect(await collect(log, other.id, 0)).toEqual({ frames, end: COMPLETE })
    expect([gone, other, wrong].map(({ producer }) => producer.heard)).toEqual([['lost'], [], ['lost']])
  })

  it('loses nothing when its connections go silent, and leaves them', async () => {
    const proxy = await startSwitch(redis.port)
    const log = createRedisLog({ client: redis.client({ port: proxy.port }), lease: 10_000, beat: 100 })
    logs.push(log)
    const { id, writer, producer } = await begin(log)
    const frames = append(writer, 3)
    await stored(id, 3)
    proxy.silence()
    frames.push(...append(writer, 3, frames.length))
    await stored(id, 6)
    await writer.end(COMPLETE)
    expect(await collect(log, id, 0)).toEqual({ frames, end: COMPLETE })
    expect(producer.heard).toEqual([])
    proxy.close()
  })

  it('says that runs cannot be stored when Redis is not there', async () => {
    await redis.kill()
    const log = process()
    await expect(log.create(randomId(), META, LIFETIME, listen())).rejects.toMatchObject({ code: 'resume_unavailable', status: 503 })
    await expect(log.open(randomId())).rejects.toMatchObject({ code: 'resume_unavailable' })
    await expect(log.stop(randomId(), 'stop')).rejects.toMatchObject({ code: 'resume_unavailable' })
  })

  it('tells a reader of a trimmed log that frames are missing', async () => {
    const log = process()
    const { id, writer } = await begin(log)
    for (let index = 0; index < 4; index++) {
      append(writer, 1, index)
      await stored(id, index + 1)
    }
    await admin.xtrim(`nls:{${id}}:log`, 'MINID', '4')
    await expect(collect(log, id, 0)).rejects.toMatchObject({ code: 'log_gap' })
    await writer.end(COMPLETE)
    expect((await collect(log, id, 3)).frames).toHaveLength(2)
    await admin.xdel(`nls:{${id}}:log`, '5-0')
    await expect(collect(log, id, 3)).rejects.toMatchObject({ code: 'log_gap' })
  })

  it('finds out without a word of the upstream that a log is gone', async () => {
    const { producer } = await begin(process())
    await admin.flushall()
    await until(() => producer.heard.length > 0)
    expect(producer.heard).toEqual(['lost'])
  })
})

describe('a process that is held up', () => {
  /** Holds this process up for so many milliseconds, after Redis has answered and before that is read. */
  async function holdUp<T>(ms: number, ask: () => Promise<T>): Promise<T> {
    redis.freeze()
    const asked = ask()
    await new Promise(resolve => setTimeout(resolve, 100))
    redis.thaw()
    await new Promise(resolve => setImmediate(resolve)) // from here Node looks at its timers before it reads
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    return asked
  }

  it('does not take its own delay for one of Redis', async () => {
    const log = createRedisLog({ client: redis.client() })
    logs.push(log)
    const { id, writer, producer } = await begin(log)
    const frames = append(writer, 3)
    await stored(id, 3)
    expect(await holdUp(600, () => log.open(id))).toMatchObject({ last: 4 })
    await holdUp(600, () => log.touch(randomId(), 60_000))
    const second = await holdUp(600, () => begin(log))
    await holdUp(600, () => log.stop(second.id, 'stop'))
    expect(await second.producer.stopped).toBe('stop')
    await holdUp(2_500, () => writer.end(COMPLETE))
    expect(producer.heard).toEqual([])
    expect(await collect(log, id, 0)).toEqual({ frames, end: COMPLETE })
  })
})

describe('housekeeping', () => {
  it('leaves nothing behind when time to live is over', async () => {
    const lifetime = { running: 400, ended: 200 }
    const log = process()
    const [left, ended, stopped] = [await begin(process(), lifetime), await begin(log, lifetime), await begin(log, lifetime)]
    for (const { id, writer } of [left, ended, stopped]) {
      append(writer, 2)
      await log.touch(id, 100)
    }
    await stored(stopped.id, 2)
    await log.stop(stopped.id, 'stop')
    await ended.writer.end(COMPLETE)
    await stopped.writer.end({ outcome: 'stopped' })
    await logs[1]!.close?.()
    await until(async () => await admin.dbsize() === 0)
  })

  it('hears a request to stop by its sign of life when the message was missed', async () => {
    const { id, producer } = await begin(process())
    await admin.set(`nls:{${id}}:stop`, 'stop')
    expect(await producer.stopped).toBe('stop')
  })

  it('keeps the log of a silent run for as long as it goes on', async () => {
    const { id, writer } = await begin(process(), { running: 2_000, ended: 2_000 })
    const left = () => admin.pttl(`nls:{${id}}:log`)
    await until(async () => await left() < 1_950)
    await until(async () => await left() > 1_950)
    await writer.end(COMPLETE)
  })

  it('lets no reader wait for what another one waits for, over a new connection neither', async () => {
    const log = process({ beat: 600_000, lease: 600_000 })
    const silent = await begin(log)
    const waiting = collect(log, silent.id, 0)
    const blocked = () => until(async () => /blocked_clients:1/.test(await admin.info('clients')))
    for (const prepare of [blocked, () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').then(blocked)]) {
      await prepare()
      const { id, writer } = await begin(log)
      const frames = append(writer, 3)
      await stored(id, 3)
      expect((await collect(log, id, 0, 3)).frames).toEqual(frames)
    }
    await silent.writer.end(COMPLETE)
    expect((await waiting).end).toEqual(COMPLETE)
  })

  it('keeps three connections for any number of runs', async () => {
    const log = process()
    const runs = await Promise.all(Array.from({ length: 20 }, () => begin(log)))
    const readings = runs.map(({ id }) => collect(log, id, 0))
    await until(async () => /blocked_clients:1/.test(await admin.info('clients')))
    const own = String(await admin.client('LIST')).trim().split('\n').length - 1 - APP_CLIENTS
    expect(own).toBe(3)
    for (const { writer } of runs) await writer.end(COMPLETE)
    await Promise.all(readings)
  })

  it('writes what a hundred runs have at one moment with a few commands', async () => {
    const log = process({ beat: 60_000 })
    const runs = await Promise.all(Array.from({ length: 100 }, () => begin(log)))
    await admin.config('RESETSTAT')
    const frames = runs.map(({ writer }) => append(writer, 2))
    await until(async () => await calls('xadd') === 100)
    expect(await calls('eval')).toBeLessThan(5)
    await Promise.all(runs.map(({ writer }) => writer.end(COMPLETE)))
    expect(await calls('eval')).toBeLessThan(10)
    for (const [index, { id }] of runs.entries()) expect(await collect(log, id, 0)).toEqual({ frames: frames[index], end: COMPLETE })
  })

  it('writes any number of runs at one moment', async () => {
    const log = process()
    const runs = await Promise.all(Array.from({ length: 300 }, () => begin(log)))
    const frames = runs.map(({ writer }) => append(writer, 2))
    await Promise.all(runs.map(({ writer }) => writer.end(COMPLETE)))
    for (const [index, { id }] of runs.entries()) expect(await collect(log, id, 0)).toEqual({ frames: frames[index], end: COMPLETE })
  })

  it('uses the prefix of the app\'s client, and does not mind that it pipelines', async () => {
    const client = redis.client({ keyPrefix: 'app:', enableAutoPipelining: true })
    const log = createRedisLog({ client })
    logs.push(log)
    const { id, writer } = await begin(log)
    const frames = append(writer, 3)
    await writer.end(COMPLETE)
    expect(await collect(log, id, 0)).toEqual({ frames, end: COMPLETE })
    expect(await admin.keys('*')).toEqual([`app:nls:{${id}}:log`])
  })
})

it('works on a cluster, with all of a run in one slot', async () => {
  const node = await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1')
  const cluster = new Cluster([{ host: '127.0.0.1', port: node.port }], { lazyConnect: true })
  const log = createRedisLog({ client: cluster, beat: 100 })
  try {
    await node.client().cluster('ADDSLOTSRANGE', 0, 16383)
    await until(async () => /cluster_state:ok/.test(String(await node.client().cluster('INFO'))))
    await until(() => log.open(randomId()).then(() => true, () => false)) // the driver has found the cluster
    const runs = await Promise.all(Array.from({ length: 5 }, () => begin(log)))
    for (const { id, writer, producer } of runs) {
      const reading = collect(log, id, 0)
      const frames = append(writer, 30)
      await log.touch(id, 60_000)
      await log.stop(id, 'stop')
      expect(await producer.stopped).toBe('stop')
      await writer.end(COMPLETE)
      expect(await reading).toEqual({ frames, end: COMPLETE })
    }
  }
  finally {
    await log.close?.()
    cluster.disconnect()
    await node.close()
  }
})

/** The clients that tests give, which are not the driver's own. */
const APP_CLIENTS = 1

/** Of a producer that is going to die. */
const SHORT = { lease: 1_000 }

/** A driver with connections of its own, as a process would have it; impatient, but not with a machine that is busy. */
function process(options: { beat?: number, lease?: number } = {}): StreamLog {
  const log = createRedisLog({ client: redis.client(), lease: 4_000, beat: 100, ...options })
  logs.push(log)
  return log
}

async function begin(log: StreamLog, lifetime: LogLifetime = LIFETIME) {
  const id = randomId()
  const producer = listen()
  return { id, producer, writer: await log.create(id, META, lifetime, producer) }
}

/** How often Redis has run a command, scripts' own included, since its counts were reset. */
async function calls(command: string): Promise<number> {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await admin.info('commandstats'))?.[1] ?? 0)
}

/** Waits until Redis holds so many frames. */
async function stored(id: string, frames: number): Promise<void> {
  await until(async () => Number.parseInt((await admin.xrevrange(`nls:{${id}}:log`, '+', '-', 'COUNT', 1))[0]![0]) === frames + 1)
}
