import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFakeUpstream, redirect, toFrames } from '../../src/runtime/testing'
import { ask } from '../support/ask-relay'
import { startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

let relay: RelayUnderTest
const elsewhere = createFakeUpstream()
let elsewhereUrl: string
beforeAll(async () => {
  elsewhereUrl = (await elsewhere.listen()).url
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000 }, upstream: { retries: 0 } })
})
afterEach(() => relay.upstream.clear())
afterAll(() => Promise.all([relay.close(), elsewhere.close()]))

describe('T7: a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%i takes neither key nor prompt to another host', async (status) => {
    relay.upstream.respond = () => redirect(`${elsewhereUrl}/v1/chat/completions`, status)
    const answer = await ask(relay.url)
    expect([answer.status, answer.error?.code]).toEqual([502, 'upstream_redirect_blocked'])
    expect(answer.headers.has('location')).toBe(false)
    expect(elsewhere.calls).toHaveLength(0)
  })

  it('to another path of the same host is not followed either', async () => {
    relay.upstream.respond = () => redirect('/v1/chat/completions', 307)
    expect((await ask(relay.url)).error?.code).toBe('upstream_redirect_blocked')
    expect(relay.upstream.calls).toHaveLength(1)
  })
})

describe('T19: headers of the upstream', () => {
  const hostile = {
    'set-cookie': 'session=stolen', 'link': '</x>; rel=preload', 'clear-site-data': '"*"', 'content-security-policy': 'default-src *',
    'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true', 'location': 'https://evil.example', 'refresh': '0; url=/x',
    'x-accel-redirect': '/internal/secrets', 'x-accel-expires': '3600', 'openai-organization': 'org-1', 'x-ratelimit-remaining-requests': '1',
    'x-request-id': 'upstream-id', 'server': 'upstream', 'via': 'upstream', 'strict-transport-security': 'max-age=0', 'retry-after': '7',
  }
  const ours = [
    'cache-control', 'connection', 'content-length', 'content-type', 'date', 'keep-alive', 'retry-after', 'retry-after-ms', 'server-timing',
    'transfer-encoding', 'vary', 'x-accel-buffering', 'x-content-type-options', 'x-request-id', 'x-should-retry', 'x-stream-resumable',
  ]

  it.each([
    ['a stream', { text: 'Hello', headers: hostile }, { stream: true }],
    ['a whole answer', { text: 'Hello', headers: hostile }, { stream: false }],
    ['an error', { status: 429, headers: hostile }, { stream: true }],
  ])('of %s do not arrive', async (_, script, body) => {
    relay.upstream.respond = () => script
    const { headers } = await ask(relay.url, { body })
    expect([...headers.keys()].filter(name => !ours.includes(name))).toEqual([])
    expect(headers.get('x-request-id')).not.toBe('upstream-id')
  })

  it('are not read for ever', async () => {
    const head = Array.from({ length: 64 }, (_, index) => `x-${index}: ${'x'.repeat(1000)}`).join('\r\n')
    relay.upstream.respond = () => ({ raw: `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n${head}\r\n\r\n` })
    expect((await ask(relay.url)).status).toBe(502)
  })
})

describe('T20: an answer that looks like frames', () => {
  it('is decoded as the text that it is', async () => {
    const text = 'a\n\nevent: admin\ndata: x\n\nid: 7\r\rdata: [DONE]\r\n\u2028\u0000\uFEFFb'
    relay.upstream.respond = () => ({ text: [text], usage: false })
    const { messages } = await ask(relay.url)
    expect(messages.map(({ event }) => event)).toEqual([undefined, undefined, undefined, undefined])
    expect(JSON.parse(messages[1]!.data).choices[0].delta.content).toBe(text)
  })

  it('cannot set ids, waits or comments of ours', async () => {
    const [first, ...rest] = toFrames({ text: 'Hello', usage: false }, { protocol: 'chat' })
    relay.upstream.respond = () => ({
      headers: { 'content-type': 'text/event-stream' },
      body: [`\uFEFFid: 7\nretry: 0\n: hidden\nunknown: field\n${first}`, ...rest],
    })
    const { text } = await ask(relay.url)
    expect(text.match(/^(?!data|event|$).*/gm)).toBeNull()
  })
})

describe('T28: padding against guessing by sizes', () => {
  it.each(['chat', 'responses', 'messages'] as const)('passes byte for byte in %s', async (protocol) => {
    const frames = toFrames({ reasoning: 'Hm', text: '你好 there', toolCalls: [{ name: 'f', arguments: { x: 1 } }] }, { protocol })
      .map(frame => frame.replace('{"', '{"obfuscation":"aXk3 9_-","'))
    relay.upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: frames })
    expect((await ask(relay.url, { protocol })).text).toBe(frames.join(''))
  })
})
