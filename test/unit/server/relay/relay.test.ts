import { describe, expect, it } from 'vitest'
import { createRelayListener } from '../../../../src/runtime/server/relay/create-listener'
import { hello, startWholeRelay } from './support/relay'

it('streams an answer from the upstream to the client', async () => {
  const { post, upstream } = await startWholeRelay({ respond: () => 'Hello there.' })

  const response = await post('chat/completions', hello)

  expect(response.status).toBe(200)
  expect(response.headers.get('x-request-id')).toMatch(/^[\w-]{22}$/)
  expect(response.headers.get('x-stream-resumable')).toBe('0')
  expect(await response.text()).toContain('data: [DONE]\n\n')
  expect(upstream.calls).toHaveLength(1)
  expect(upstream.calls[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer sk-test' }, body: { model: 'cheap', max_tokens: 4096, stream: true } })
})

it('reaches a named upstream, by any protocol that it speaks', async () => {
  const { post, upstream } = await startWholeRelay({ upstreams: { claude: { keyHeader: 'x-api-key' } } })

  expect((await post('claude/v1/messages', hello)).status).toBe(200)
  expect((await post('messages', hello)).status).toBe(404)
  expect(upstream.calls.map(call => [call.path, call.headers['x-api-key']])).toEqual([['/v1/messages', 'sk-test']])
})

it('sends nothing of the client\'s head upstream', async () => {
  const { post, upstream } = await startWholeRelay()

  await post('chat/completions?x=../', hello, { headers: { 'authorization': 'Bearer dummy', 'x-base-url': 'http://e', 'cookie': 'a=b', 'user-agent': 'CANARY', 'accept-language': 'de' } })

  const { headers, path } = upstream.calls[0]!
  expect(path).toBe('/v1/chat/completions')
  expect(headers.authorization).toBe('Bearer sk-test')
  expect(JSON.stringify(headers)).not.toMatch(/CANARY|http:\/\/e|a=b|"de"|dummy/)
})

describe('refuses without calling the upstream', () => {
  const cases: [string, string, string, RequestInit, number, string][] = [
    ['an unknown path', 'POST', 'models', {}, 404, 'not_found'],
    ['another method', 'PUT', 'chat/completions', {}, 405, 'method_not_allowed'],
    ['a preflight', 'OPTIONS', 'chat/completions', { headers: { 'origin': 'https://e.example', 'access-control-request-method': 'POST' } }, 405, 'method_not_allowed'],
    ['another site', 'POST', 'chat/completions', { headers: { 'sec-fetch-site': 'cross-site' } }, 403, 'origin_not_allowed'],
    ['a form', 'POST', 'chat/completions', { headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['broken JSON', 'POST', 'chat/completions', { body: '{' }, 400, 'invalid_request'],
    ['a model off the list', 'POST', 'chat/completions', { body: '{"messages":[],"model":"o3-pro"}' }, 400, 'model_not_allowed'],
    ['a body over the limit', 'POST', 'chat/completions', { body: 'x'.repeat(257 * 1024) }, 413, 'body_too_large'],
    ['a run, while none can be resumed', 'GET', 'streams/AAAAAAAAAAAAAAAAAAAAAA', {}, 404, 'not_found'],
  ]
  it.each(cases)('%s', async (_, method, path, init, status, code) => {
    const { url, upstream } = await startWholeRelay()
    const body = method === 'POST' ? init.body ?? JSON.stringify(hello) : undefined
    const response = await fetch(`${url}/api/llm/${path}`, { ...init, method, body, headers: { 'content-type': 'application/json', ...init.headers } })

    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('vary')).toBe('Cookie, Authorization, Origin')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(response.headers.get('x-should-retry')).toBe('false')
    const requestId = response.headers.get('x-request-id')
    expect(await response.json()).toEqual({ error: expect.objectContaining({ code, status, retryable: false, requestId, param: null }) })
    expect(upstream.calls).toHaveLength(0)
  })
})

it('names the methods of a path', async () => {
  const { url } = await startWholeRelay()
  expect((await fetch(`${url}/api/llm/chat/completions`)).headers.get('allow')).toBe('POST')
})

describe('authorize', () => {
  const error = (status: number) => Object.assign(new Error('CANARY'), { statusCode: status })

  it('learns what is asked for before the body is read', async () => {
    const asked: unknown[] = []
    const { post } = await startWholeRelay({ authorize: (event, { action, upstream, protocol }) => {
      asked.push({ url: (event as { url: string }).url, action, upstream, protocol })
      return null
    } })
    const response = await post('responses', '{ not even JSON')
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'unauthorized', type: 'authentication_error' } })
    expect(asked).toEqual([{ url: '/api/llm/responses', action: 'run', upstream: 'default', protocol: 'responses' }])
  })

  it('gets the model by waiting for it', async () => {
    const models: string[] = []
    const { post } = await startWholeRelay({ authorize: async (_, { model }) => {
      models.push(await model!)
      return { subject: 'a' }
    } })
    expect((await post('chat/completions', { ...hello, model: 'good' })).status).toBe(200)
    expect((await post('chat/completions', hello)).status).toBe(200)
    const response = await post('chat/completions', { ...hello, model: 'o3-pro' })
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_allowed', status: 400 } })
    expect(models).toEqual(['good', 'cheap'])
  })

  it.each<[string, () => never, number, string]>([
    ['401', () => { throw error(401) }, 401, 'unauthorized'],
    ['402', () => { throw error(402) }, 402, 'forbidden'],
    ['500', () => { throw error(500) }, 403, 'forbidden'],
    ['a string', () => { throw 'CANARY' as unknown }, 403, 'forbidden'],
  ])('refuses by throwing %s', async (_, authorize, status, code) => {
    const { post, upstream, lines } = await startWholeRelay({ authorize })
    const response = await post('chat/completions', hello)
    expect(response.status).toBe(status)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ error: { code } })
    expect(text + lines.join()).not.toContain('CANARY')
    expect(upstream.calls).toHaveLength(0)
  })

  it.each<[string, unknown]>([
    ['authorize must return { subject }', true],
    ['authorize: limits.rate must be a number', { subject: 'ann', limits: { rate: Number.NaN } }],
    ['authorize: limits.rat is unknown', { subject: 'ann', limits: { rat: 1 } }],
  ])('is told when it makes no sense: %s', async (line, answer) => {
    const { post, upstream, lines } = await startWholeRelay({ authorize: () => answer as never })
    expect((await post('chat/completions', hello)).status).toBe(500)
    expect(lines).toEqual([expect.stringContaining(line)])
    expect(upstream.calls).toHaveLength(0)
  })
})

describe('prepare', () => {
  it('has the last word, but for how the answer is framed', async () => {
    const { post, upstream } = await startWholeRelay({
      prepare: (body, { model, subject }) => ({ ...body, messages: [{ role: 'system', content: `${model} ${subject}` }, ...body.messages], max_tokens: 9999, stream: false, store: true }),
    })
    await post('chat/completions', hello)
    expect(upstream.calls[0]!.body).toMatchObject({ messages: [{ role: 'system', content: 'cheap 127.0.0.1' }, ...hello.messages], max_tokens: 9999, stream: true, store: true })
  })

  it('may fail, which tells the client nothing', async () => {
    const { post, upstream } = await startWholeRelay({ prepare: () => { throw new Error('CANARY') } })
    const response = await post('chat/completions', hello)
    expect(response.status).toBe(500)
    expect(await response.text()).toMatch(/^(?!.*CANARY).*prepare_failed/)
    expect(upstream.calls).toHaveLength(0)
  })
})

it('answers listed origins as CORS asks', async () => {
  const { url, post } = await startWholeRelay({ origins: ['https://other.example'] })
  const headers = { 'origin': 'https://other.example', 'sec-fetch-site': 'cross-site' }
  const preflight = await fetch(`${url}/api/llm/chat/completions`, {
    method: 'OPTIONS', headers: { ...headers, 'access-control-request-headers': 'content-type,x-stainless-lang,x-tenant' },
  })
  expect(preflight.status).toBe(204)
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': 'https://other.example', 'access-control-allow-credentials': 'true', 'access-control-allow-methods': 'POST', 'vary': 'Origin',
    'access-control-allow-headers': 'content-type,x-stainless-lang,x-tenant',
  })
  const response = await post('chat/completions', hello, { headers })
  expect(response.headers.get('access-control-allow-origin')).toBe('https://other.example')
  expect(response.headers.get('access-control-expose-headers')).toContain('x-request-id')
  expect((await post('nowhere', hello, { headers })).headers.get('access-control-allow-origin')).toBe('https://other.example')
  expect((await fetch(`${url}/api/llm/chat/completions`, { method: 'OPTIONS', headers: { origin: 'https://e.example' } })).status).toBe(405)
})

it('is not for everyone unless it is said to be', () => {
  expect(() => createRelayListener({ upstreams: {} })).toThrow(/public: true/)
})

it('answers nothing but not_configured without the key that the provider needs', async () => {
  const { post, upstream, lines } = await startWholeRelay({ upstreams: { default: { provider: 'openai', apiKey: '' } } })
  const response = await post('chat/completions', hello)
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error: { code: 'not_configured' } })
  expect(upstream.calls).toHaveLength(0)
  expect(lines).toEqual([expect.stringContaining('"default" has no API key')])
})
