import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import { createRelayCore } from '../../../../src/runtime/server/relay/relay'
import type { LlmStreamRules } from '../../../../src/runtime/server/relay/rules'
import { holdAfter, silence, stallAfter } from '../../../../src/runtime/testing/faults'
import { testExchange } from './support/exchange'
import { hello, startWholeRelay } from './support/relay'

/** A relay whose upstream must not be called, for what is refused before it would be. */
function createIdleRelay(rules: LlmStreamRules, { isPublic = true, baseURL = 'https://upstream.example', trustProxy = 0 } = {}) {
  const lines: string[] = []
  const options = resolveRelayOptions({ upstreams: { default: { baseURL, models: ['m'] } }, public: isPublic, trustProxy })
  const open = vi.fn(() => Promise.reject(new Error('no upstream')))
  const relay = createRelayCore({ options, rules, transport: { open }, logger: { warn: line => lines.push(line), error: line => lines.push(line) } })
  return { relay, lines, open }
}

it('answers nothing but not_configured while anyone could come in', async () => {
  const { relay, open } = createIdleRelay({}, { isPublic: false })
  for (const url of ['/api/llm/chat/completions', '/api/llm/x']) {
    const exchange = testExchange({ url, body: hello })
    await relay.handle(exchange)
    expect(await exchange.answer).toMatchObject({ status: 500 })
  }
  expect(open).not.toHaveBeenCalled()
})

it.each([
  ['http://127.0.0.1:11434/v1', 1], ['http://localhost/v1', 1], ['http://[::1]/v1', 1], ['https://10.1.2.3', 1], ['https://upstream.example', 0], ['https://1.1.1.1', 0],
])('says at the start when calls to %s would all be refused', (baseURL, warnings) => {
  expect(createIdleRelay({}, { baseURL }).lines).toHaveLength(warnings)
})

it('says once that a proxy hides the addresses', async () => {
  const { relay, lines } = createIdleRelay({})
  for (let n = 0; n < 2; n++) await relay.handle(testExchange({ headers: { 'x-forwarded-for': '203.0.113.1' } }))
  expect(lines).toEqual([expect.stringContaining('`trustProxy` is 0')])
})

it.each([0, 1])('says once that nobody knows the addresses, with %i proxies', async (trustProxy) => {
  const { relay, lines } = createIdleRelay({}, { trustProxy })
  for (let n = 0; n < 2; n++) await relay.handle(testExchange({ address: undefined }))
  expect(lines).toEqual([expect.stringContaining('Nobody says which address')])
  await relay.handle(testExchange({ address: '192.0.2.1' }))
  expect(lines).toHaveLength(1)
})

it('makes up for its own mistakes with an error that says nothing', async () => {
  const { relay, lines } = createIdleRelay({})
  const exchange = testExchange({ body: hello })
  exchange.readBody = () => { throw new TypeError('CANARY') }
  await relay.handle(exchange)
  expect((await exchange.answer).json()).toMatchObject({ error: { code: 'internal', status: 500 } })
  expect(lines.join()).toMatch(/^(?!.*CANARY)internal, request [\w-]{22}: TypeError/)
})

describe('a hook that never comes back', () => {
  afterEach(() => void vi.useRealTimers())

  it.each<[string, LlmStreamRules, number, string]>([
    ['authorize', { authorize: () => new Promise(() => {}) }, 503, 'authorize_timeout'],
    ['prepare', { prepare: () => new Promise(() => {}) }, 500, 'prepare_failed'],
  ])('%s is waited for ten seconds', async (_, rules, status, code) => {
    vi.useFakeTimers()
    const { relay, open } = createIdleRelay(rules)
    const exchange = testExchange({ body: hello })
    void relay.handle(exchange)
    await vi.advanceTimersByTimeAsync(10_000)
    const answer = await exchange.answer
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ error: { code } })
    expect(open).not.toHaveBeenCalled()
  })

  it('is not blamed for a slow body', async () => {
    vi.useFakeTimers()
    const { relay } = createIdleRelay({ authorize: async (_, { model }) => ({ subject: await model! }) })
    const exchange = testExchange({ stalls: true })
    void relay.handle(exchange)
    await vi.advanceTimersByTimeAsync(10_000)
    expect((await exchange.answer).json()).toMatchObject({ error: { code: 'body_timeout' } })
    expect((await exchange.answer).headers.connection).toBe('close')
  })
})

describe('a client that leaves', () => {
  it.each<[string, LlmStreamRules, boolean]>([
    ['while authorize thinks', { authorize: () => new Promise(() => {}) }, false],
    ['while its body arrives', {}, true],
    ['while prepare works', { prepare: () => new Promise(() => {}) }, false],
  ])('%s costs no upstream call', async (_, rules, stalls) => {
    const records: unknown[] = []
    const errors: unknown[] = []
    const { relay, open } = createIdleRelay({ ...rules, onFinish: record => records.push(record), onError: error => errors.push(error) })
    const exchange = testExchange({ body: hello, stalls })
    const over = relay.handle(exchange)
    await Promise.resolve()
    exchange.leave()
    await over
    expect(open).not.toHaveBeenCalled()
    expect(errors).toHaveLength(0)
    expect(records).toEqual(rules.authorize ? [] : [expect.objectContaining({ outcome: 'stopped', reason: 'disconnected', status: 499, attempts: 0, usage: expect.objectContaining({ totalTokens: 0 }) })])
  })

  it('gives its slot back', async () => {
    const { post, upstream } = await startWholeRelay({ respond: () => silence(), limits: { concurrency: 1 } })
    const gone = new AbortController()
    const first = post('chat/completions', hello, { signal: gone.signal }).catch(() => {})
    await upstream.call(0)
    expect((await post('chat/completions', hello)).status).toBe(429)
    gone.abort()
    await first
    upstream.respond = () => 'Hi'
    await vi.waitFor(async () => expect((await post('chat/completions', hello)).status).toBe(200))
  })
})

describe('limits', () => {
  it('let exactly as many requests through as they say', async () => {
    const { post, upstream } = await startWholeRelay({ limits: { rate: 10, ipRate: false, concurrency: false } })
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('chat/completions', hello)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(90)
    expect(upstream.calls).toHaveLength(10)
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(refused[0]!.headers.get('x-should-retry')).toBe('true')
    expect(await refused[0]!.json()).toMatchObject({ error: { code: 'rate_limited', type: 'rate_limit_error' } })
  })

  it('are those that authorize says, for this subject', async () => {
    const { post } = await startWholeRelay({ authorize: () => ({ subject: 'ann', limits: { rate: 1, outputTokens: 7 } }) })
    expect((await post('chat/completions', hello)).status).toBe(200)
    expect((await post('chat/completions', hello)).status).toBe(429)
  })

  it('believe no forwarded address unless they are told to', async () => {
    const send = async (trustProxy: number) => {
      const { post } = await startWholeRelay({ trustProxy, limits: { rate: 2 } })
      const statuses = []
      for (let n = 0; n < 4; n++) statuses.push((await post('chat/completions', hello, { headers: { 'x-forwarded-for': `203.0.113.${n}` } })).status)
      return statuses
    }
    expect(await send(0)).toEqual([200, 200, 429, 429])
    expect(await send(1)).toEqual([200, 200, 200, 200])
  })

  it('count tokens, of a run that was left as well', async () => {
    const { post, records, upstream } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: stallAfter(2) }), limits: { tokens: 120, outputTokens: 50 } })
    const gone = new AbortController()
    const response = await post('chat/completions', hello, { signal: gone.signal })
    await response.body!.getReader().read()
    expect((await post('chat/completions', hello)).status).toBe(429)
    gone.abort()
    await vi.waitFor(() => expect(records.find(({ outcome }) => outcome === 'stopped')).toBeDefined())
    upstream.respond = () => 'Hi'
    const second = await post('chat/completions', { ...hello, max_tokens: 5 })
    expect(second.status).toBe(200)
    const third = await post('chat/completions', { ...hello, max_tokens: 50 })
    expect(await third.json()).toMatchObject({ error: { code: 'budget_exceeded', retryable: false } })
  })
})

describe('fallback', () => {
  it('takes over with its own model, prepared when it is its turn', async () => {
    const prepared: string[] = []
    const { post, upstream, records } = await startWholeRelay({
      upstreams: { default: { models: { fast: 'one' }, fallback: 'backup' }, backup: { models: { slow: 'three', fast: 'two' } } },
      prepare: (body, { upstream: name, model }) => {
        prepared.push(`${name} ${model}`)
        return body
      },
    })
    await (await post('chat/completions', hello)).text()
    expect(prepared).toEqual(['default one'])
    upstream.respond = call => (call.body as { model: string }).model === 'one' ? { status: 500 } : 'Hi'
    await (await post('chat/completions', { ...hello, model: 'fast' })).text()
    expect(prepared.slice(1)).toEqual(['default one', 'backup two'])
    await vi.waitFor(() => expect(records).toHaveLength(2))
    expect(records[1]).toMatchObject({ upstream: 'backup', model: 'two', requestedModel: 'fast', attempts: 2, outcome: 'complete' })
  })

  it('is passed over where it cannot take the request', async () => {
    const { post, upstream } = await startWholeRelay({
      respond: () => ({ status: 500 }),
      upstreams: { default: { fallback: 'claude' }, claude: { protocols: ['messages'], fallback: 'last' }, last: {} },
    })
    expect((await post('chat/completions', hello)).status).toBe(502)
    expect(upstream.calls).toHaveLength(2)
  })

  it('is not asked for a client that leaves while it is prepared, and nothing has failed then', async () => {
    const gone = new AbortController()
    const { post, upstream, records, errors, lines } = await startWholeRelay({
      respond: () => ({ status: 500 }),
      upstreams: { default: { fallback: 'backup' }, backup: { fallback: 'last' }, last: {} },
      prepare(body, { upstream: name }) {
        if (name === 'default') return body
        gone.abort()
        return new Promise(() => {})
      },
    })
    await post('chat/completions', hello, { signal: gone.signal }).catch(() => {})
    await vi.waitFor(() => expect(records).toHaveLength(1))
    expect(records[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected', attempts: 1 })
    expect(upstream.calls).toHaveLength(1)
    expect([...errors, ...lines]).toEqual([])
  })

  it('is passed over where it cannot be prepared, and the log says so', async () => {
    const { post, upstream, lines } = await startWholeRelay({
      respond: () => ({ status: 500 }),
      upstreams: { default: { fallback: 'backup' }, backup: {} },
      prepare: (body, { upstream: name }) => {
        if (name === 'backup') throw new TypeError('secret')
        return body
      },
    })
    expect((await post('chat/completions', hello)).status).toBe(502)
    expect(upstream.calls).toHaveLength(1)
    expect(lines[0]).toMatch(/^The fallback "backup" was passed over: prepare_failed, TypeError at /)
  })
})

describe('close', () => {
  it('lets a run end, refuses new ones, and settles when all is over', async () => {
    let release: (value?: unknown) => void
    const released = new Promise((resolve) => { release = resolve })
    const { post, relay } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: holdAfter(2, released) }) })
    const running = await post('chat/completions', hello)
    const closed = relay.close()
    const refused = await post('chat/completions', hello)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ error: { code: 'server_restarting', retryable: true, retryAfterMs: 1000 } })
    release!()
    expect(await running.text()).toContain('[DONE]')
    await closed
  })

  it('is over for everybody who asked for it, as early as the most impatient wants', async () => {
    const { post, relay } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: stallAfter(2) }) })
    const running = await post('chat/completions', hello)
    const closed = [relay.close(), relay.close(1)]
    expect(await running.text()).toContain('server_restarting')
    await Promise.all(closed)
  })

  it('ends what outlasts its patience with one error frame', async () => {
    const { post, relay, upstream, records } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: stallAfter(2) }) })
    const running = await post('chat/completions', hello)
    await relay.close(1)
    const text = await running.text()
    expect(text).toMatch(/event: error\ndata: \{"error":\{"code":"server_restarting".*"retryAfterMs":1000.*\}\}\n\n$/)
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    expect(records).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'server_restarting' })])
  })
})

it('closes the connection after a body that it did not take', async () => {
  const { url, upstream } = await startWholeRelay()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', bytes => text += bytes)
  socket.on('error', () => {})
  const head = 'POST /api/llm/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
  socket.write(`${head}50000\r\n${'x'.repeat(0x50000)}\r\n0\r\n\r\nGET /api/llm/x HTTP/1.1\r\nhost: x\r\n\r\n`)
  await once(socket, 'close')
  expect(text).toMatch(/^HTTP\/1\.1 413 /)
  expect(text).toMatch(/connection: close/i)
  expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  expect(upstream.calls).toHaveLength(0)
})
