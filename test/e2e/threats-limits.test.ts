import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { stallAfter } from '../../src/runtime/testing'
import { ask, post } from '../support/ask-relay'
import { openSocket, postText, PROMPT } from '../support/client-socket'
import { startBuilt } from '../support/relay-under-test'
import type { BuiltRelay, RelaySetup } from '../support/relay-under-test'

let relay: BuiltRelay
async function start(setup: RelaySetup, env?: Record<string, string>): Promise<void> {
  relay = await startBuilt(setup, env)
  relay.upstream.respond = () => 'Hello'
  onTestFinished(async () => { await relay.close() })
}
afterEach(() => expect(relay.output()).not.toMatch(/unhandled|uncaught/i))

const many = <Value>(count: number, make: (index: number) => Promise<Value>) => Promise.all(Array.from({ length: count }, (_, index) => make(index)))
const statusesOf = (answers: { status: number }[]) => Object.fromEntries(Map.groupBy(answers, ({ status }) => status).entries().map(([status, { length }]) => [status, length]))
const randomAddress = () => Array.from({ length: 4 }, () => Math.floor(Math.random() * 255)).join('.')

describe('T11: many requests', () => {
  it('of one user are let through up to the rate, and not one more', async () => {
    await start({ limits: { rate: 10, ipRate: 100_000, concurrency: 1000 } })
    const answers = await many(500, () => ask(relay.url, { headers: { 'x-test-user': 'greedy' } }))
    expect(statusesOf(answers)).toEqual({ 200: 10, 429: 490 })
    expect(relay.upstream.calls).toHaveLength(10)
    const refused = answers.find(({ status }) => status === 429)!
    expect(refused.error).toMatchObject({ code: 'rate_limited', retryable: true })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await ask(relay.url, { headers: { 'x-test-user': 'other' } })).status).toBe(200)
  })
})

describe('T14: many addresses', () => {
  it('that a client makes up are one', async () => {
    await start({ limits: { rate: 100_000, ipRate: 10, concurrency: 1000 } })
    const answers = await many(100, index => ask(relay.url, { headers: { 'x-forwarded-for': randomAddress(), 'x-test-user': `user ${index}` } }))
    expect(statusesOf(answers)).toEqual({ 200: 10, 429: 90 })
  })

  it('before the trusted hop are one', async () => {
    await start({ limits: { rate: 100_000, ipRate: 10, concurrency: 1000 }, trustProxy: 1 })
    const from = (last: string) => (index: number) =>
      ask(relay.url, { headers: { 'x-forwarded-for': `${randomAddress()}, ${last}`, 'x-test-user': `user ${index}` } })
    expect(statusesOf(await many(30, from('203.0.113.7')))).toEqual({ 200: 10, 429: 20 })
    expect(statusesOf(await many(5, from('203.0.113.8')))).toEqual({ 200: 5 })
  })

  it('of one IPv6 network are one', async () => {
    await start({ limits: { rate: 100_000, ipRate: 10, concurrency: 1000 }, trustProxy: 1 })
    const answers = await many(30, index => ask(relay.url, { headers: { 'x-forwarded-for': `2001:db8:0:1::${index.toString(16)}`, 'x-test-user': `user ${index}` } }))
    expect(statusesOf(answers)).toEqual({ 200: 10, 429: 20 })
    expect((await ask(relay.url, { headers: { 'x-forwarded-for': '2001:db8:0:2::1' } })).status).toBe(200)
  })
})

describe('T15: runs that are opened and not read', () => {
  it('are refused over the limit, and given up in time', async () => {
    await start({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 3 }, timeouts: { slowClient: 300 } })
    relay.upstream.respond = () => ({ text: 'Hello', fault: stallAfter(2) })
    const hoarded = await many(3, () => post(relay.url, { headers: { 'x-test-user': 'hoarder' } }))
    const fourth = await ask(relay.url, { headers: { 'x-test-user': 'hoarder' } })
    expect([fourth.status, fourth.error?.code]).toEqual([429, 'too_many_runs'])
    await many(3, index => hoarded[index]!.body!.cancel())
    await vi.waitFor(async () => {
      relay.upstream.respond = () => 'Hello'
      expect((await ask(relay.url, { headers: { 'x-test-user': 'hoarder' } })).status).toBe(200)
    })
  })

  it('hold no more than a few buffers each', async () => {
    const clients = 25
    await start({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 1000, streamBytes: 1_000_000_000 } }, { NODE_OPTIONS: '--expose-gc' })
    const chunk = `data: {"choices":[{"delta":{"content":"${'x'.repeat(16_000)}"}}]}\n\n`
    relay.upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: (function* () { for (;;) yield chunk })() })
    const before = await relay.memory()
    const sockets = await many(clients, async () => {
      const { socket } = await openSocket(relay.url)
      socket.pause()
      socket.write(postText(relay.url, PROMPT))
      return socket
    })
    await standStill()
    await vi.waitFor(async () => {
      const { external } = await relay.memory()
      expect((external - before.external) / clients).toBeLessThan(256 * 1024)
    }, { interval: 200, timeout: 3000 })
    for (const socket of sockets) socket.destroy()
    for (const call of relay.upstream.calls) expect(await call.ended).toBe('aborted')
  })
})

/** Waits until nothing moves any more: every buffer between the upstream and the clients is full. */
async function standStill(): Promise<void> {
  const sent = () => relay.upstream.calls.reduce((sum, { sentBytes }) => sum + sentBytes, 0)
  for (let last = -1; last < 1 || sent() > last;) {
    last = sent()
    await pause(300)
  }
}

describe('T16: clients that leave after the first event', () => {
  it('are charged, and leave nothing running', async () => {
    await start({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 1000 } })
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], fault: stallAfter(2) })
    const leftAt: number[] = []
    await many(100, async () => {
      const response = await post(relay.url, { headers: { 'x-test-user': 'farmer' } })
      const reader = response.body!.getReader()
      await reader.read()
      leftAt.push(performance.now())
      await reader.cancel()
    })
    expect(await many(100, index => relay.upstream.calls[index]!.ended)).toEqual(Array.from({ length: 100 }, () => 'aborted'))
    const last = Math.max(...relay.upstream.calls.map(({ endedAt }) => endedAt!))
    expect(last - Math.max(...leftAt)).toBeLessThan(250)
    await vi.waitFor(async () => expect((await relay.log()).records).toHaveLength(100))
    for (const { usage } of (await relay.log()).records) {
      expect(usage.estimated).toBe(true)
      expect(usage.totalTokens).toBeGreaterThan(0)
    }
  })
})
