import { expect, it, vi } from 'vitest'
import { resetAfter, silence, stallAfter } from '../../../../src/runtime/testing/faults'
import { hello, startWholeRelay } from './support/relay'

it('records a run once, with what it used and what came of it', async () => {
  const { post, records, errors } = await startWholeRelay({ authorize: () => ({ subject: 'ann' }), upstreams: { default: { models: { fast: 'gpt-real' } } } })
  const response = await post('chat/completions', { ...hello, model: 'fast' })
  await response.text()
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]).toMatchObject({
    requestId: response.headers.get('x-request-id'), subject: 'ann', upstream: 'default', protocol: 'chat', model: 'gpt-real', requestedModel: 'fast',
    status: 200, outcome: 'complete', reason: undefined, attempts: 1,
  })
  const { timings } = records[0]!
  expect(timings.authorizeMs).toBeLessThanOrEqual(timings.firstByteMs!)
  expect(timings.firstByteMs).toBeLessThanOrEqual(timings.firstEventMs!)
  expect(timings.firstEventMs).toBeLessThanOrEqual(timings.totalMs)
  expect(errors).toHaveLength(0)
})

it('counts the total time from when the run was let in', async () => {
  const slowly = () => new Promise<void>(resolve => setTimeout(resolve, 120))
  const { post, records } = await startWholeRelay({
    timeouts: { total: 100 },
    prepare: async (body) => { await slowly(); return body },
    respond: async () => { await slowly(); return 'Hi' },
  })
  const response = await post('chat/completions', hello)
  expect(await response.json()).toMatchObject({ error: { code: 'total_timeout' } })
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]!.timings.totalMs).toBeGreaterThan(100)
})

it('records nothing of a request that was refused before its limits, but says why', async () => {
  const { post, records, errors } = await startWholeRelay({ authorize: () => null })
  await post('chat/completions', hello)
  await vi.waitFor(() => expect(errors).toHaveLength(1))
  expect(errors[0]).toMatchObject({ error: { code: 'unauthorized' }, context: { upstream: 'default', protocol: 'chat', requestId: expect.any(String) } })
  expect(records).toHaveLength(0)
})

it('records a request that its body failed, without usage', async () => {
  const { post, records, errors } = await startWholeRelay()
  await post('chat/completions', '{')
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]).toMatchObject({ status: 400, outcome: 'failed', reason: 'invalid_request', attempts: 0, model: undefined, usage: { totalTokens: 0, estimated: true } })
  expect(errors).toHaveLength(1)
})

it('takes the upstream\'s word for what was used', async () => {
  const { post, records } = await startWholeRelay({ upstreams: { default: { provider: 'openai' } } })
  await (await post('chat/completions', hello)).text()
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]!.usage).toMatchObject({ estimated: false, inputTokens: expect.any(Number) })
  expect(records[0]!.usage.outputTokens).toBeGreaterThan(0)
  expect(records[0]!.usage).not.toHaveProperty('raw')
})

it('estimates what was used when the client leaves, within what the answer could have been', async () => {
  const { post, records, upstream, errors } = await startWholeRelay({ respond: () => ({ text: 'one two three four', fault: stallAfter(3) }) })
  const gone = new AbortController()
  const response = await post('chat/completions', { ...hello, max_tokens: 5 }, { signal: gone.signal })
  await response.body!.getReader().read()
  gone.abort()
  await vi.waitFor(() => expect(records).toHaveLength(1))
  const { usage, ...record } = records[0]!
  expect(record).toMatchObject({ outcome: 'stopped', reason: 'disconnected', attempts: 1 })
  expect(usage.estimated).toBe(true)
  expect(usage.inputTokens).toBe(Math.ceil(JSON.stringify(upstream.calls[0]!.body).length / 4))
  expect(usage.outputTokens).toBeGreaterThan(0)
  expect(usage.outputTokens).toBeLessThanOrEqual(5)
  expect(await upstream.calls[0]!.ended).toBe('aborted')
  expect(errors).toHaveLength(0)
})

it('takes no word for the whole that came before the answer', async () => {
  const words = Array.from({ length: 40 }, (_, index) => `word${index} `)
  const { post, records } = await startWholeRelay({ respond: () => ({ text: words, fault: stallAfter(43) }) })
  const gone = new AbortController()
  const response = await post('messages', hello, { signal: gone.signal })
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  for (let text = ''; !text.includes('word39');) text += decoder.decode((await reader.read()).value)
  gone.abort()
  await vi.waitFor(() => expect(records).toHaveLength(1))
  const { usage } = records[0]!
  expect(usage).toMatchObject({ inputTokens: expect.any(Number), estimated: true })
  expect(usage.outputTokens).toBeGreaterThanOrEqual(40)
  expect(usage.totalTokens).toBe(usage.inputTokens + usage.outputTokens)
})

it('charges a run that was left before its first byte', async () => {
  const { post, records, upstream } = await startWholeRelay({ respond: () => silence() })
  const gone = new AbortController()
  const response = post('chat/completions', hello, { signal: gone.signal }).catch(() => {})
  await upstream.call(0)
  gone.abort()
  await response
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected', usage: { outputTokens: 1, estimated: true } })
})

it('tells of a run that fails in mid-stream, once', async () => {
  const { post, records, errors } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: resetAfter(2) }) })
  expect(await (await post('chat/completions', hello)).text()).toContain('event: error')
  await vi.waitFor(() => expect(errors).toHaveLength(1))
  expect(errors[0]).toMatchObject({ error: { code: 'upstream_reset' }, context: { subject: '127.0.0.1', model: 'cheap' } })
  expect(records).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'upstream_reset', status: 200 })])
})

it('lets hooks throw, reject and hang without harm', async () => {
  for (const hook of [() => { throw new Error('CANARY') }, () => Promise.reject(new Error('CANARY')), () => new Promise(() => {})]) {
    const { post, lines } = await startWholeRelay({ onFinish: hook, onError: hook })
    expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
    expect((await post('chat/completions', '{')).status).toBe(400)
    expect(lines.join()).not.toContain('CANARY')
  }
})

it('says where a hook failed', async () => {
  const { post, lines } = await startWholeRelay({ onFinish: () => { throw new TypeError('CANARY') } })
  await (await post('chat/completions', hello)).text()
  await vi.waitFor(() => expect(lines).toEqual([expect.stringMatching(/^onFinish failed: TypeError at .*accounting\.test\.ts/)]))
})

it('gives each attempt a span without content', async () => {
  const spans: { name: string, attributes: Record<string, unknown>, events: string[], status?: unknown, ended: boolean }[] = []
  const tracer = {
    startSpan(name: string, options?: { attributes?: Record<string, unknown> }) {
      const span: typeof spans[number] = { name, attributes: { ...options?.attributes }, events: [], ended: false }
      spans.push(span)
      return {
        setAttributes: (attributes: object) => Object.assign(span.attributes, attributes),
        addEvent: (event: string) => span.events.push(event),
        setStatus: (status: unknown) => { span.status = status },
        end: () => { span.ended = true },
      }
    },
  }
  let calls = 0
  const { post } = await startWholeRelay({
    tracer,
    respond: () => ++calls === 1 ? { status: 503, error: { message: 'CANARY' } } : 'CANARY',
    upstreams: { default: { retries: 1, provider: 'vllm' } },
  })
  await (await post('chat/completions', { messages: [{ role: 'user', content: 'CANARY' }], stream: true })).text()
  expect(spans).toEqual([
    expect.objectContaining({ name: 'chat cheap', ended: true, events: [], status: { code: 2, message: 'upstream_unavailable' } }),
    expect.objectContaining({ name: 'chat cheap', ended: true, events: ['first_byte'] }),
  ])
  expect(spans[1]!.status).toBeUndefined()
  expect(spans[0]!.attributes).toMatchObject({ 'llm_stream.attempt': 1, 'http.response.status_code': 503, 'gen_ai.provider.name': 'vllm' })
  expect(spans[1]!.attributes).toMatchObject({ 'llm_stream.attempt': 2, 'gen_ai.usage.output_tokens': expect.any(Number) })
  expect(JSON.stringify(spans)).not.toContain('CANARY')
})

it('says how long authorize and the upstream took', async () => {
  const { post } = await startWholeRelay()
  expect((await post('chat/completions', hello)).headers.get('server-timing')).toMatch(/^auth;dur=\d+\.\d, upstream;dur=\d+\.\d$/)
})
