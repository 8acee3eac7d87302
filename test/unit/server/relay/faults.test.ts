import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { silence, stallAfter } from '../../../../src/runtime/testing/faults'
import { hello, startWholeRelay } from './support/relay'

const body = JSON.stringify(hello)
const head = (headers = '', length = body.length) => `POST /api/llm/chat/completions HTTP/1.1\r\nhost: app.example\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${headers}\r\n`

async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {}) // the tests break it on purpose
  await once(socket, 'connect')
  return socket
}

it('F13: a passing failure is tried again with the same bytes and the same key', async () => {
  let calls = 0
  const { post, upstream, records } = await startWholeRelay({
    respond: () => calls++ === 0 ? { status: 503, headers: { 'retry-after-ms': '1' } } : 'Hi',
    upstreams: { default: { provider: 'openai', retries: 2 } },
  })
  expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
  const [first, second] = upstream.calls
  expect(upstream.calls).toHaveLength(2)
  expect(second!.text).toBe(first!.text)
  expect(first!.headers['idempotency-key']).toBeTruthy()
  expect(second!.headers['idempotency-key']).toBe(first!.headers['idempotency-key'])
  await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ attempts: 2, outcome: 'complete' })]))
})

it.each([401, 403])('F14: a refused key (%i) is told to the app, tried once, and opens no breaker', async (status) => {
  const { post, upstream, errors } = await startWholeRelay({ respond: () => ({ status }), upstreams: { default: { retries: 2 } }, limits: { rate: false } })
  for (let n = 1; n <= 7; n++) {
    const response = await post('chat/completions', hello)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_auth', retryable: false } })
    expect(upstream.calls).toHaveLength(n)
  }
  await vi.waitFor(() => expect(errors).toHaveLength(7))
})

it('F15: of a rejected request only the known code passes', async () => {
  const { post } = await startWholeRelay({ respond: () => ({ status: 400, error: { message: 'CANARY', code: 'context_length_exceeded' } }) })
  const response = await post('chat/completions', hello)
  const text = await response.text()
  expect(response.status).toBe(400)
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_rejected', upstreamCode: 'context_length_exceeded', type: 'invalid_request_error' } })
  expect(text).not.toContain('CANARY')
})

describe('F22: a client that goes', () => {
  const leave = { FIN: (socket: Socket) => socket.end(), RST: (socket: Socket) => socket.resetAndDestroy() }
  const points: [string, Parameters<typeof startWholeRelay>[0], (relay: Awaited<ReturnType<typeof startWholeRelay>>, socket: Socket) => Promise<unknown>, string][] = [
    ['in mid-stream', { respond: () => ({ text: 'one two', fault: stallAfter(2) }) }, (_, socket) => once(socket, 'data'), 'aborted'],
    ['before the first byte', { respond: () => silence() }, ({ upstream }) => upstream.call(0), 'aborted'],
    ['in a pause before another try', { respond: () => ({ status: 503, headers: { 'retry-after': '20' } }), upstreams: { default: { retries: 2 } } }, ({ upstream }) => upstream.call(0), 'sent'],
  ]
  const cases = points.flatMap(point => Object.keys(leave).map(way => [way as keyof typeof leave, ...point] as const))

  it.each(cases)('by %s %s ends the call, and is no error', async (way, _, given, reached, ended) => {
    const relay = await startWholeRelay(given)
    const { url, upstream, records, errors, lines } = relay
    const socket = await open(url)
    socket.write(head() + body)
    await reached(relay, socket)
    leave[way](socket)
    await vi.waitFor(() => expect(records).toHaveLength(1))
    expect(records[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected' })
    expect(await Promise.all(upstream.calls.map(call => call.ended))).toEqual([ended])
    expect([...errors, ...lines]).toEqual([])
  })

  it.each(Object.keys(leave) as (keyof typeof leave)[])('by %s while its body arrives calls nobody', async (way) => {
    const authorize = vi.fn(() => ({ subject: 'ann' }))
    const { url, upstream, records, errors } = await startWholeRelay({ authorize })
    const socket = await open(url)
    socket.write(`${head('', 1000)}{"mess`)
    await vi.waitFor(() => expect(authorize).toHaveBeenCalled())
    leave[way](socket)
    await vi.waitFor(() => expect(records).toHaveLength(1))
    expect(records[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected', attempts: 0 })
    expect(upstream.calls).toHaveLength(0)
    expect(errors).toHaveLength(0)
  })
})

describe('F23: a request whose body has ended', () => {
  const large = JSON.stringify({ ...hello, messages: [{ role: 'user', content: 'x'.repeat(200_000) }] })
  it.each([['small', body, ''], ['large', large, ''], ['small, to be closed', body, 'connection: close\r\n'], ['large, to be closed', large, 'connection: close\r\n']])('is answered whole: %s', async (_, text, headers) => {
    const { url, records } = await startWholeRelay({ respond: () => ({ text: 'one two three four five six', delay: 5 }) })
    const socket = await open(url)
    let answer = ''
    socket.on('data', bytes => answer += bytes)
    socket.write(head(headers, text.length) + text)
    await vi.waitFor(() => expect(answer).toContain('data: [DONE]\n\n'))
    await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ outcome: 'complete' })]))
    socket.destroy()
  })
})

it('F40: whoever ends first, a run ends once', async () => {
  const { post, records } = await startWholeRelay({ limits: { rate: false, ipRate: false, concurrency: false }, respond: () => ({ text: 'one two', delay: 1 }) })
  const rounds = 120
  for (let begun = 0; begun < rounds; begun += 20) {
    await Promise.all(Array.from({ length: 20 }, async () => {
      const gone = new AbortController()
      const response = await post('chat/completions', hello, { signal: gone.signal })
      setTimeout(() => gone.abort(), Math.random() * 8)
      await response.text().catch(() => {})
    }))
  }
  await vi.waitFor(() => expect(records).toHaveLength(rounds))
  expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(rounds)
  expect(new Set(records.map(({ outcome }) => outcome))).toEqual(new Set(['complete', 'stopped']))
})
