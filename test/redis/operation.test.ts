import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createLiveAnswer, toFrames } from '../../src/runtime/testing'
import { freePort, type RedisServer, startRedis, startSentinel, until } from '../setup/redis'
import { startSwitch } from '../setup/switch'
import { hello, startWholeRelay } from '../unit/server/relay/support/relay'

// What whoever runs the relay does with Redis, and what goes wrong there.

type Given = Parameters<typeof startWholeRelay>[0]

const frames = toFrames({ text: ['one ', 'two ', 'three '] }, { protocol: 'chat' })
/** What docs/guide/deployment.md says that a user needs. */
const COMMANDS = [
  'eval', 'evalsha', 'xadd', 'xrange', 'xrevrange', 'xread', 'exists', 'get', 'set', 'del', 'incrby', 'pexpire', 'pttl', 'publish', 'subscribe',
  'zadd', 'zcard', 'zrem', 'zremrangebyscore', 'hget', 'hincrby', 'hsetnx', 'time', 'client|id', 'client|unblock', 'info',
]

const file = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url))

async function start(...parameters: string[]): Promise<RedisServer> {
  const redis = await startRedis(...parameters)
  onTestFinished(() => redis.close())
  return redis
}

/** A relay that keeps runs in Redis; several are as many processes. */
async function relayOn(given: Given) {
  const relay = await startWholeRelay({
    resume: { driver: 'redis', secret: 'secret' },
    authorize: () => ({ subject: 'anyone', limits: { rate: false, ipRate: false, concurrency: false } }),
    ...given,
  })
  const run = () => relay.post('chat/completions', hello, { headers: { 'x-stream-resumable': '1' } })
  return { ...relay, run, read: (id: string) => fetch(`${relay.url}/api/llm/streams/${id}`) }
}

type Relay = Awaited<ReturnType<typeof relayOn>>

/** Runs on one process and reads on the other; gives what both saw. */
async function throughBoth(one: Relay, other: Relay) {
  const response = await one.run()
  const received = await response.text()
  const id = response.headers.get('x-stream-id')!
  return { received, stored: await (await other.read(id)).text() }
}

describe('a Redis', () => {
  it('with a password, a database of its own and a prefix', async () => {
    const redis = await start('--requirepass', 'secret')
    const url = `redis://:secret@127.0.0.1:${redis.port}/3`
    const { received, stored } = await throughBoth(await relayOn({ redis: { url } }), await relayOn({ redis: { url } }))
    expect(stored).toBe(received)
    const look = (db: number) => redis.client({ password: 'secret', db })
    expect(await look(3).dbsize()).toBeGreaterThan(0)
    expect(await look(0).dbsize()).toBe(0)

    const prefixed = await relayOn({ redis: () => redis.client({ password: 'secret', keyPrefix: 'app:' }) })
    await throughBoth(prefixed, prefixed)
    expect((await look(0).keys('*')).every(key => key.startsWith('app:nls:'))).toBe(true)
  })

  it('by a user who may do no more than is needed', async () => {
    const redis = await start()
    const admin = redis.client()
    await admin.acl('SETUSER', 'app', 'on', '>secret', '~nls:*', '&nls:stop', ...COMMANDS.map(command => `+${command}`))
    const given = { redis: { url: `redis://app:secret@127.0.0.1:${redis.port}` }, authorize: () => ({ subject: 'anyone', limits: { tokens: 100_000 } }) }
    const [one, other] = [await relayOn(given), await relayOn(given)]
    const live = createLiveAnswer()
    one.upstream.respond = () => live
    live.emit(frames[0]!)
    const response = await one.run()
    const id = response.headers.get('x-stream-id')!
    await until(() => admin.exists(`nls:{${id}}:log`))
    const following = await Promise.all([other.read(id), other.read(id)])
    expect((await fetch(`${other.url}/api/llm/streams/${id}`, { method: 'DELETE' })).status).toBe(202)
    for (const viewer of [response, ...following]) expect(await viewer.text()).toContain('"code":"stopped"')
    expect(await admin.acl('LOG')).toEqual([])
    expect([...one.lines, ...other.lines]).toEqual([])
  })

  it('over TLS, by a client of the app\'s', async () => {
    const port = await freePort()
    await start('--tls-port', String(port), '--tls-cert-file', file('good'), '--tls-key-file', file('key'), '--tls-ca-cert-file', file('ca'), '--tls-auth-clients', 'no')
    const client = () => new Redis(`rediss://localhost:${port}`, { lazyConnect: true, tls: { ca: readFileSync(file('ca')) } })
    const { received, stored } = await throughBoth(await relayOn({ redis: client }), await relayOn({ redis: client }))
    expect(stored).toBe(received)

    const distrusting = await relayOn({ redis: { url: `rediss://localhost:${port}` } })
    expect(await (await distrusting.run()).text()).toContain('[DONE]')
    await until(() => distrusting.lines.some(line => /not stored.*(?:SELF_SIGNED|UNABLE_TO)/.test(line)))
  })
})

describe('the log names what keeps runs from being stored:', () => {
  it('a wrong password', async () => {
    const redis = await start('--requirepass', 'secret')
    const { run, lines } = await relayOn({ redis: { url: `redis://:wrong@127.0.0.1:${redis.port}` } })
    expect(await (await run()).text()).toContain('[DONE]')
    await until(() => lines.some(line => /not stored.*WRONGPASS/.test(line)))
    expect(lines.join()).not.toContain(':wrong')
  })

  it('a user who may not', async () => {
    const redis = await start()
    await redis.client().acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-eval')
    const { run, lines } = await relayOn({ redis: { url: `redis://app:secret@127.0.0.1:${redis.port}` } })
    expect(await (await run()).text()).toContain('[DONE]')
    await until(() => lines.some(line => /not stored.*NOPERM/.test(line)))
  })

  it('no server', async () => {
    const { run, lines } = await relayOn({ redis: { url: 'redis://127.0.0.1:1' } })
    expect(await (await run()).text()).toContain('[DONE]')
    await until(() => lines.some(line => /not stored.*ECONNREFUSED/.test(line)))
  })

  it.each([
    ['no memory', (admin: Redis) => admin.config('SET', 'maxmemory', '1'), /not stored.*OOM/],
    ['keys that are removed', (admin: Redis) => admin.flushall(), /not stored.*maxmemory-policy noeviction/],
  ])('%s', async (_, trouble, line) => {
    const redis = await start()
    const live = createLiveAnswer()
    live.emit(frames[0]!)
    const { run, lines } = await relayOn({ redis: { url: redis.url }, respond: () => live })
    const response = await run()
    await until(() => redis.client().dbsize())
    expect(lines).toEqual([])
    await trouble(redis.client())
    live.emit(...frames.slice(1))
    live.end()
    expect(await response.text()).toContain('[DONE]')
    await until(() => lines.length > 0)
    expect(lines).toEqual([expect.stringMatching(line)])
  })
})

describe('after a failover', () => {
  it('stores runs again where the name stands for another server now, though the old connection is still there', async () => {
    const [old, young] = [await start(), await start()]
    const name = await startSwitch(old.port)
    onTestFinished(() => name.close())
    const { run, lines } = await relayOn({ redis: { url: `redis://127.0.0.1:${name.port}` } })
    expect(await (await run()).text()).toContain('[DONE]')
    await old.client().replicaof('127.0.0.1', young.port)
    name.target = young.port
    await until(async () => {
      await (await run()).text()
      return await young.client().dbsize() > 0
    })
    expect(lines.join()).toContain('READONLY')
  })

  it('follows Sentinel to the new master, and keeps what the old one had passed on', async () => {
    const [master, replica] = [await start(), await start()]
    await replica.client().replicaof('127.0.0.1', master.port)
    await until(async () => /master_link_status:up/.test(await replica.client().info('replication')))
    const sentinel = await startSentinel(master.port)
    onTestFinished(() => sentinel.close())
    const client = () => new Redis({ sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main', lazyConnect: true })
    const [one, other] = [await relayOn({ redis: client }), await relayOn({ redis: client })]

    const response = await one.run()
    const received = await response.text()
    const id = response.headers.get('x-stream-id')!
    expect(await (await other.read(id)).text()).toBe(received)
    await master.client().wait(1, 0)
    await master.kill()
    await until(async () => (await sentinel.client().call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main') as string[])[1] === String(replica.port))
    await until(async () => (await other.read(id)).status === 200)
    expect(await (await other.read(id)).text()).toBe(received)
    await until(async () => {
      const { received, stored } = await throughBoth(one, other)
      return stored === received
    })
  })
})

it('a client that the app cannot give at first is asked for again', async () => {
  const redis = await start()
  const admin = redis.client()
  let asked = 0
  const { run, lines } = await relayOn({
    redis: () => {
      if (++asked < 4) throw new Error('not yet')
      return redis.client()
    },
  })
  await until(async () => {
    expect(await (await run()).text()).toContain('[DONE]')
    return await admin.dbsize() > 0
  })
  expect(lines.join('\n')).toContain('Runs cannot be resumed')
})

it('a relay that closes leaves no connection behind', async () => {
  const redis = await start()
  const { run, read, relay } = await relayOn({ redis: { url: redis.url } })
  const response = await run()
  await response.text()
  await (await read(response.headers.get('x-stream-id')!)).text()
  const admin = redis.client()
  const connections = async () => String(await admin.client('LIST')).trim().split('\n').length
  expect(await connections()).toBe(1 + 1 + 3) // who asks, limits, runs
  await relay.close(0)
  await until(async () => await connections() === 1)
})
