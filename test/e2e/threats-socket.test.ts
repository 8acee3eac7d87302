import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openSocket, postText, PROMPT } from '../support/client-socket'
import { startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

let relay: RelayUnderTest
beforeAll(async () => {
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000 }, timeouts: { body: 300 } })
  relay.upstream.respond = () => 'Hello'
})
afterEach(() => relay.upstream.clear())
afterAll(() => relay.close())

/** Sends a body of 1000 bytes, one at a time, and never comes to its end. */
async function sendSlowly(headers: Record<string, string> = {}) {
  const client = await openSocket(relay.url)
  client.socket.write(postText(relay.url, '', { 'content-length': '1000', ...headers }))
  const timer = setInterval(() => client.socket.write(' '), 20)
  void client.closed.then(() => clearInterval(timer))
  return client
}

describe('T3: a caller whom authorize does not know', () => {
  it('is answered before the body is read', async () => {
    const client = await sendSlowly({ 'x-test-authorize': 'null' })
    expect(await client.until(text => text.includes('}}'))).toMatch(/^HTTP\/1.1 401 [\s\S]*"unauthorized"/)
    expect(await client.closed, 'the connection is not held by the body').toMatch(/^HTTP\/1.1 401 /)
    expect(relay.upstream.calls).toHaveLength(0)
  })

  it('uses the connection again once the refused body has come', async () => {
    const client = await openSocket(relay.url)
    const half = PROMPT.length / 2
    client.socket.write(postText(relay.url, PROMPT.slice(0, half), { 'content-length': String(PROMPT.length), 'x-test-authorize': 'null' }))
    await client.until(text => text.includes('}}'))
    client.socket.write(PROMPT.slice(half) + postText(relay.url, PROMPT))
    expect((await client.until(text => text.includes('[DONE]'))).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 200'])
    client.socket.destroy()
  })

  it('does not take a refused body of any size', async () => {
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, '', { 'content-length': '100000000', 'x-test-authorize': 'null' }))
    let sent = 0
    const push = () => {
      while (!client.socket.destroyed && client.socket.write('x'.repeat(65_536))) sent += 65_536
    }
    client.socket.on('drain', push)
    push()
    expect(await client.closed).toMatch(/^HTTP\/1.1 401 /)
    expect(sent).toBeLessThan(50e6)
  })
})

describe('T17: a body that comes byte by byte', () => {
  it.each([['without awaiting the model', {}], ['while authorize awaits the model', { 'x-test-authorize': 'model' }]])('is given up %s', async (_, headers) => {
    const client = await sendSlowly(headers)
    expect(await client.closed).toMatch(/^HTTP\/1.1 408 [\s\S]*"body_timeout"/)
    expect(relay.upstream.calls).toHaveLength(0)
  })
})

describe('T18: a request within a request', () => {
  const chunked = (size: string) => `${size}\r\n${PROMPT}\r\n0\r\n\r\n`
  const length = PROMPT.length.toString(16)
  const head = (headers: string[]) => postText(relay.url, '', { 'content-length': '0' }).replace('content-length: 0', headers.join('\r\n'))

  it.each([
    ['two lengths', ['content-length: 5', 'content-length: 60'], PROMPT],
    ['length and chunks', ['content-length: 5', 'transfer-encoding: chunked'], chunked(length)],
    ['chunks and length', ['transfer-encoding: chunked', 'content-length: 5'], chunked(length)],
    ['chunks twice', ['transfer-encoding: chunked', 'transfer-encoding: identity'], chunked(length)],
    ['a coding that is none', ['transfer-encoding: xchunked'], chunked(length)],
    ['a length that is none', ['content-length: 6_0'], PROMPT],
    ['a folded header', ['x-a: b', ' content-length: 5', `content-length: ${PROMPT.length}`], PROMPT],
  ])('by %s is refused', async (_, headers, body) => {
    const client = await openSocket(relay.url)
    client.socket.write(head(headers) + body)
    expect(await client.until(text => text.includes('\r\n'))).toMatch(/^HTTP\/1.1 400 /)
    client.socket.destroy()
    expect(relay.upstream.calls).toHaveLength(0)
  })

  it.each([
    ['capitals', ['Transfer-Encoding: ChunKed'], length],
    ['a chunk extension', ['transfer-encoding: chunked'], `${length};a="0\\r\\n"`],
  ])('is not seen in %s', async (_, headers, size) => {
    const client = await openSocket(relay.url)
    client.socket.write(head(headers) + chunked(size))
    await client.until(text => text.includes('[DONE]'))
    client.socket.destroy()
    expect(relay.upstream.calls).toHaveLength(1)
  })

  it('is not served after a body that was refused', async () => {
    const client = await openSocket(relay.url)
    client.socket.write(postText(relay.url, 'x'.repeat(300_000)) + postText(relay.url, PROMPT))
    const received = await client.closed
    expect(received.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413'])
    await pause(20)
    expect(relay.upstream.calls).toHaveLength(0)
  })
})
