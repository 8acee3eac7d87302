import { onTestFinished, expect, it, vi } from 'vitest'
import { createRelay } from '../../../../src/runtime/server/relay/create-relay'
import type { CreateRelayOptions } from '../../../../src/runtime/server/relay/relay-options'
import type { RunRecord } from '../../../../src/runtime/server/relay/record'
import type { WebContext } from '../../../../src/runtime/server/relay/web/exchange'
import { silence, stallAfter } from '../../../../src/runtime/testing/faults'
import type { Respond } from '../../../../src/runtime/testing/fake-upstream'
import { createFakeUpstream } from '../../../../src/runtime/testing/fake-upstream'
import { hello } from './support/relay'

async function start({ respond, ...given }: Partial<CreateRelayOptions<Request>> & { respond?: Respond } = {}) {
  const upstream = createFakeUpstream({ respond })
  onTestFinished(() => upstream.close())
  const { url } = await upstream.listen()
  const records: RunRecord[] = []
  const relay = createRelay({
    upstreams: { default: { baseURL: url, apiKey: 'sk-test', models: ['cheap'], allowPrivate: true, retries: 0 } },
    public: true,
    onFinish: record => records.push(record),
    ...given,
  })
  onTestFinished(() => relay.close(0))
  const post = (body: unknown, init: RequestInit = {}, context: WebContext = { ip: '192.0.2.1' }) => relay(new Request('https://app.example/api/llm/chat/completions', {
    ...init,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }), context)
  return { relay, upstream, records, post }
}

it('answers a Request with a Response', async () => {
  const { post, upstream, records } = await start({ respond: () => 'Hello there.' })
  const response = await post(hello)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(await response.text()).toContain('data: [DONE]\n\n')
  expect(upstream.calls[0]!.headers.authorization).toBe('Bearer sk-test')
  await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ outcome: 'complete' })]))
})

it('refuses as it does anywhere, but leaves the connection to the server', async () => {
  const { post, upstream } = await start()
  const response = await post('x'.repeat(300_000))
  expect(response.status).toBe(413)
  expect(response.headers.has('connection')).toBe(false)
  expect(await response.json()).toMatchObject({ error: { code: 'body_too_large' } })
  expect((await post(hello, { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  expect((await post(hello, { headers: { origin: 'http://app.example' } })).status).toBe(403)
  expect(upstream.calls).toHaveLength(0)
  const own = await post(hello, { headers: { origin: 'https://app.example' } })
  expect(own.status).toBe(200)
  await own.text()
})

it('gives hooks the Request, and goes by the address of the context', async () => {
  const events: unknown[] = []
  const { post } = await start({ limits: { rate: 1 }, prepare: (body, { event, subject }) => {
    events.push([event.url, subject])
    return body
  } })
  const statusFor = async (ip: string) => {
    const response = await post(hello, {}, { ip })
    await response.text()
    return response.status
  }
  expect([await statusFor('203.0.113.1'), await statusFor('203.0.113.1'), await statusFor('203.0.113.2')]).toEqual([200, 429, 200])
  expect(events[0]).toEqual(['https://app.example/api/llm/chat/completions', '203.0.113.1'])
})

it('believes Cloudflare\'s header in a Worker only', async () => {
  const subjects: string[] = []
  const { relay } = await start({ prepare: (body, { subject }) => {
    subjects.push(subject)
    return body
  } })
  const ask = () => new Request('https://app.example/api/llm/chat/completions', {
    method: 'POST', headers: { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.1' }, body: JSON.stringify(hello),
  })
  for (const request of [ask(), Object.assign(ask(), { cf: {} })]) await (await relay(request)).text()
  expect(subjects).toEqual(['unknown', '203.0.113.1'])
})

it('ends the call when the reader cancels, or the request is aborted', async () => {
  const { post, upstream, records } = await start({ respond: () => ({ text: 'one two', fault: stallAfter(2) }) })
  await (await post(hello)).body!.cancel()
  expect(await upstream.calls[0]!.ended).toBe('aborted')

  upstream.respond = () => silence()
  const gone = new AbortController()
  const response = post(hello, { signal: gone.signal })
  await upstream.call(1)
  gone.abort()
  await response
  expect(await upstream.calls[1]!.ended).toBe('aborted')
  await vi.waitFor(() => expect(records.map(({ reason }) => reason)).toEqual(['disconnected', 'disconnected']))
})

it('asks the platform to wait until the run and its hooks are over', async () => {
  const waits: Promise<unknown>[] = []
  let finish: (() => void) | undefined
  const { post } = await start({ onFinish: () => new Promise<void>((resolve) => { finish = resolve }) })
  await (await post(hello, {}, { waitUntil: (promise: Promise<unknown>) => waits.push(promise) })).text()
  await vi.waitFor(() => expect(finish).toBeDefined())
  finish!()
  await expect(Promise.all(waits)).resolves.toBeDefined()
  expect(waits).toHaveLength(2)
})

it('drains', async () => {
  const { post, relay } = await start({ respond: () => ({ text: 'one two', fault: stallAfter(2) }) })
  const running = await post(hello)
  const text = running.text()
  await relay.close(1)
  expect(await text).toContain('"code":"server_restarting"')
  expect((await post(hello)).status).toBe(503)
})

it('does not wait for ever for a reader that does not read', async () => {
  const { post, relay } = await start()
  await post(hello)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const closed = relay.close(0)
  await vi.advanceTimersByTimeAsync(2_000)
  await closed
})
