import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createLiveAnswer, holdAfter, stallAfter, toFrames } from '../../src/runtime/testing'
import { ask, post } from '../support/ask-relay'
import { openSocket, postText, PROMPT } from '../support/client-socket'
import { recordsOf, startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

/** A closed tab is noticed upstream within this many milliseconds. */
const NOTICED_MS = 250

const leaves: Record<string, (socket: Socket) => void> = {
  'closes': socket => socket.destroy(),
  'sends FIN': socket => socket.end(),
  'resets': socket => socket.resetAndDestroy(),
}

let relay: RelayUnderTest
beforeAll(async () => {
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 1 }, timeouts: { slowClient: 300 } })
})
afterEach(async () => {
  relay.upstream.clear()
  expect(relay.output()).not.toMatch(/ERR_|unhandled|uncaught/i)
})
afterAll(() => relay.close())

/** One run at a time is allowed to a user: another one shows that the first has left nothing behind. */
async function expectSlot(user: string): Promise<void> {
  relay.upstream.respond = () => 'Hello'
  await vi.waitFor(async () => expect((await ask(relay.url, { headers: { 'x-test-user': user } })).status).toBe(200), { interval: 10 })
}

describe.each(Object.entries(leaves))('F22: a client that %s', (way, leave) => {
  it('in the middle of an answer ends the upstream call', async () => {
    const user = `middle ${way}`
    relay.upstream.respond = () => ({ text: 'Hello there', fault: stallAfter(2) })
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, PROMPT, { 'x-test-user': user }))
    await client.until(text => text.includes('Hello'))
    const left = performance.now()
    leave(client.socket)
    const [call] = relay.upstream.calls
    expect(await call!.ended).toBe('aborted')
    expect(call!.endedAt! - left).toBeLessThan(NOTICED_MS)
    const [record] = await recordsOf(relay, user)
    expect(record).toMatchObject({ outcome: 'stopped', reason: 'disconnected', usage: { estimated: true } })
    await expectSlot(user)
  })

  it('before the first byte ends the upstream call', async () => {
    const user = `before ${way}`
    relay.upstream.respond = () => new Promise(() => {})
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, PROMPT, { 'x-test-user': user }))
    const call = await relay.upstream.call(0)
    const left = performance.now()
    leave(client.socket)
    expect(await call.ended).toBe('aborted')
    expect(call.endedAt! - left).toBeLessThan(NOTICED_MS)
    expect((await recordsOf(relay, user))[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected' })
    await expectSlot(user)
  })

  it('in a pause between two attempts makes it the last', async () => {
    const user = `pause ${way}`
    relay.upstream.respond = () => ({ status: 503, headers: { 'retry-after': '20' } })
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, PROMPT, { 'x-test-user': user }))
    await (await relay.upstream.call(0)).ended
    leave(client.socket)
    expect((await recordsOf(relay, user))[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected', attempts: 1 })
    await expectSlot(user)
  })

  it('during its upload makes no call at all', async () => {
    const user = `upload ${way}`
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, PROMPT.slice(0, -1), { 'x-test-user': user, 'content-length': '100' }))
    await pause(20)
    leave(client.socket)
    await client.closed
    await expectSlot(user)
    expect(relay.upstream.calls).toHaveLength(1)
  })
})

describe('F23: a request that is whole', () => {
  it.each([
    ['small', 'keep-alive', 'Hi'], ['small', 'close', 'Hi'],
    ['large', 'keep-alive', 'x'.repeat(200_000)], ['large', 'close', 'x'.repeat(200_000)],
  ])('is no reason to stop: %s, %s', async (_, connection, content) => {
    let release = () => {}
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], fault: holdAfter(2, new Promise<void>((resolve) => { release = resolve })) })
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, JSON.stringify({ stream: true, messages: [{ role: 'user', content }] }), { connection }))
    await client.until(text => text.includes('Hel'))
    release()
    expect(await client.until(text => text.includes('[DONE]'))).toContain('"lo"')
    client.socket.destroy()
  })
})

describe('F24: a client that does not read', () => {
  it('is given up, and the upstream with it', async () => {
    relay.upstream.respond = () => ({
      headers: { 'content-type': 'text/event-stream' },
      body: (function* () { for (;;) yield `data: {"choices":[{"delta":{"content":"${'x'.repeat(4000)}"}}]}\n\n` })(),
    })
    const client = await openSocket(relay.url)
    client.socket.pause()
    client.socket.write(postText(relay.url, PROMPT, { 'x-test-user': 'paused' }))
    const call = await relay.upstream.call(0)
    expect(await call.ended).toBe('aborted')
    expect((await recordsOf(relay, 'paused'))[0]).toMatchObject({ outcome: 'failed', reason: 'slow_client' })
    client.socket.destroy()
    await expectSlot('paused')
  })

  it('gets everything when it reads slowly', async () => {
    const pieces = Array.from({ length: 200 }, (_, index) => `${index} ${'x'.repeat(5000)}`)
    relay.upstream.respond = () => ({ text: pieces, usage: false })
    const response = await post(relay.url, { headers: { 'x-test-user': 'slow' } })
    const reader = response.body!.getReader()
    let bytes = 0
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      bytes += read.value.length
      await pause(1)
    }
    expect(bytes).toBe(toFrames({ text: pieces, usage: false, model: 'test-model' }, { protocol: 'chat' }).join('').length)
  })
})

describe('F40: a client that leaves as the answer ends', () => {
  it('is recorded once, whoever was first', async () => {
    const rest = toFrames({ text: 'Hello', usage: false }, { protocol: 'chat' })
    for (let round = 0; round < 100; round++) {
      const live = createLiveAnswer()
      relay.upstream.respond = () => live
      const leave = new AbortController()
      const user = `race ${round}`
      live.emit(rest[0]!)
      const response = await post(relay.url, { headers: { 'x-test-user': user }, signal: leave.signal })
      const reader = response.body!.getReader()
      await reader.read()
      setTimeout(() => leave.abort(), (round % 10) / 5)
      live.emit(...rest.slice(1))
      live.end()
      await reader.read().catch(() => {})
      await reader.closed.catch(() => {})
    }
    for (let round = 0; round < 100; round++) expect(await recordsOf(relay, `race ${round}`)).toHaveLength(1)
  })
})
