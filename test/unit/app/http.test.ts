import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RelayListener } from '../../../src/runtime/server/relay'
import { createRelayListener } from '../../../src/runtime/server/relay'
import { createFakeUpstream, createLiveAnswer, cutAfter, endAfter, htmlPage, resetAfter, toFrames } from '../../../src/runtime/testing'
import { openTestStream } from '../../support/stream'

/** Over real sockets on both sides of a real relay. */
const upstream = createFakeUpstream()
const server = createServer((request, response) => relay(request, response))
let relay: RelayListener
let endpoint: string

beforeAll(async () => {
  const { url } = await upstream.listen()
  relay = createRelayListener({
    upstreams: { default: { baseURL: `${url}/v1`, models: ['fake'], protocols: ['chat', 'responses', 'messages'], allowPrivate: true, retries: 0 } },
    public: true,
    limits: { rate: 10_000, ipRate: 10_000 },
    logger: { warn() {}, error() {} },
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/llm`
})
afterAll(async () => {
  await relay.close(0)
  server.closeAllConnections()
  server.close()
  await upstream.close()
})
beforeEach(() => upstream.clear())

describe.each(['chat', 'responses', 'messages'] as const)('over %s', (protocol) => {
  it('brings text, reasoning, calls and usage', async () => {
    upstream.respond = () => ({
      reasoning: 'Hm.', text: 'Let me see.', toolCalls: [{ name: 'add', arguments: { a: 1 } }], usage: { inputTokens: 3, outputTokens: 5 },
    })
    const { stream } = openTestStream({ endpoint, protocol })
    expect(await stream.start('One and one?')).toMatchObject({
      outcome: 'tool-calls', text: 'Let me see.', reasoning: 'Hm.', error: null, model: 'fake',
      toolCalls: [{ name: 'add', input: { a: 1 }, state: 'ready' }], usage: { inputTokens: 3, outputTokens: 5 },
    })
  })

  it('ends the upstream\'s answer when it is stopped', async () => {
    const live = createLiveAnswer()
    upstream.respond = () => live
    const { stream, written } = openTestStream({ endpoint, protocol, publish: 'sync' })
    const run = stream.start('Tell me a long story')
    live.emit(...toFrames({ text: ['Once ', 'upon'] }, { protocol }).slice(0, protocol === 'chat' ? 2 : 5))
    await expect.poll(() => written.at(-1)?.phase).toBe('streaming')
    stream.stop()
    expect(await run).toMatchObject({ outcome: 'stopped', error: null })
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('keeps the text of an answer that breaks, and names why', async () => {
    for (const [fault, expected] of [
      [resetAfter(6), { outcome: 'failed', error: { code: 'upstream_reset', retryable: true } }],
      [cutAfter(6), { outcome: 'failed', error: { code: 'upstream_reset' } }],
      [endAfter(6), { outcome: 'truncated', error: { code: 'upstream_truncated', retryable: true } }],
    ] as const) {
      upstream.respond = () => ({ text: ['One ', 'two ', 'three ', 'four ', 'five ', 'six ', 'seven '], fault })
      const result = await openTestStream({ endpoint, protocol }).stream.start('Count')
      expect(result).toMatchObject(expected)
      expect(result.text).toMatch(/^One two /)
      expect(result.error?.requestId).toBeTypeOf('string')
    }
  })

  it('names an error that the upstream sends in the middle', async () => {
    upstream.respond = () => ({ text: 'So far so', error: { message: 'CANARY' } })
    const { text, error, outcome } = await openTestStream({ endpoint, protocol }).stream.start('Hi')
    expect({ text, outcome }).toEqual({ text: 'So far so', outcome: 'failed' })
    expect(error?.code).toMatch(/^upstream_/)
    expect(error?.message).not.toContain('CANARY')
  })
})

describe('refusals have a status, a code and a time to wait', () => {
  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, { code: 'upstream_rate_limited', retryable: true, retryAfterMs: 7000 }],
    [{ status: 401 }, { code: 'upstream_auth', retryable: false, status: 502 }],
    [{ status: 503 }, { code: 'upstream_unavailable', retryable: true }],
    [htmlPage(), { code: 'upstream_bad_content_type', status: 502 }],
  ])('%j', async (reply, expected) => {
    upstream.respond = () => reply
    expect(await openTestStream({ endpoint }).stream.start('Hi')).toMatchObject({ outcome: 'failed', text: '', error: expected })
  })

  it('a relay that is not there is a network error', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as AddressInfo
    gone.close()
    await once(gone, 'close')
    expect((await openTestStream({ endpoint: `http://127.0.0.1:${port}` }).stream.start('Hi')).error)
      .toMatchObject({ code: 'network_error', retryable: true })
  })

  it('an answer of another protocol is named', async () => {
    upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: toFrames({ text: 'Hi' }, { protocol: 'messages' }).join('') })
    const { url } = await upstream.listen()
    const { error } = await openTestStream({ endpoint: `${url}/v1` }).stream.start('Hi')
    expect(error).toMatchObject({ code: 'protocol_mismatch', message: expect.stringContaining('messages') as string })
  })
})
