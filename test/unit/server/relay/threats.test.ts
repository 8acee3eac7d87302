import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { silence, stallAfter } from '../../../../src/runtime/testing/faults'
import { hello, startWholeRelay } from './support/relay'

/** Sends bytes on a socket of its own and gives all that comes back until the server closes it, or nothing more is expected. */
async function speak(url: string, text: string, isDone: (answer: string) => boolean = () => false): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.on('error', () => {}) // a reset is an answer too
  socket.on('data', (bytes) => {
    answer += bytes
    if (isDone(answer)) socket.destroy()
  })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const request = (line: string, body = JSON.stringify(hello), headers = '') =>
  `${line} HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`

describe('T2: a key in an error of the upstream', () => {
  it.each([
    ['a status', { status: 401, error: { message: 'CANARY', code: 'CANARY' }, headers: { 'x-key': 'CANARY', 'www-authenticate': 'CANARY' } }],
    ['an error in the stream', { text: 'one two', error: { message: 'CANARY', code: 'CANARY' } }],
  ])('goes no further from %s', async (_, script) => {
    for (const path of ['chat/completions', 'responses', 'messages']) {
      const { post, lines, errors, records } = await startWholeRelay({ respond: () => script })
      const response = await post(path, path === 'responses' ? { input: 'Hi', stream: true } : hello)
      const seen = await response.text() + JSON.stringify([...response.headers]) + lines.join()
      expect(seen).toContain('"code":"upstream_')
      expect(seen).not.toContain('CANARY')
      await vi.waitFor(() => expect(errors).toHaveLength(1))
      expect(JSON.stringify([errors[0]!.error, records])).not.toContain('CANARY')
    }
  })
})

it('T3: nobody is served before authorize has said yes, and no body is waited for', async () => {
  const { url, upstream } = await startWholeRelay({ authorize: () => null })
  const head = 'POST /api/llm/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{'
  expect(await speak(url, head, answer => answer.includes('"unauthorized"'))).toMatch(/^HTTP\/1\.1 401 /)
  expect(upstream.calls).toHaveLength(0)
})

it('T4: nothing in a request changes where it goes', async () => {
  const { post, upstream } = await startWholeRelay()
  const elsewhere = await startWholeRelay()
  const e = elsewhere.url
  await post('chat/completions', { ...hello, api_base: e, base_url: e, baseURL: e, url: e, extra_headers: { host: e }, extra_body: { url: e } }, {
    headers: { 'x-portkey-custom-host': e, 'x-base-url': e, 'x-forwarded-host': e },
  })
  expect(upstream.calls).toHaveLength(1)
  expect(Object.keys(upstream.calls[0]!.body as object).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream'])
  expect(JSON.stringify(upstream.calls[0]!.headers)).not.toContain(e)
  expect(elsewhere.upstream.calls).toHaveLength(0)
})

describe('T5: a path is spelled one way', () => {
  it.each([
    '/api/llm/../llm/chat/completions', '/api/llm/%2e%2e%2fllm/chat/completions', '/api/llm/..%5cchat/completions', '/api/llm/chat/completions%00', '/api/llm//chat/completions',
    '/api/llm/chat\\completions', '/api/llm/chat/completions;a=b', '/api/llm/Chat/Completions', '/api/llm/./chat/completions', '/api/llm/chat/completions/', '/api/llm/http://e/',
    'http://app.example/api/llm/chat/completions', '/api/llm/v1/v1/chat/completions', '/api/llm/files/x', '/api/llm/models', '/api/llm/chat/completions%3fx', '/api/llm/%63hat/completions',
  ])('%s is nowhere', async (path) => {
    const { url, upstream } = await startWholeRelay()
    expect(await speak(url, request(`POST ${path}`))).toMatch(/^HTTP\/1\.1 404 [\s\S]*"not_found"/)
    expect(upstream.calls).toHaveLength(0)
  })

  it('and its query goes nowhere', async () => {
    const { url, upstream } = await startWholeRelay()
    expect(await speak(url, request('POST /api/llm/chat/completions?x=../&api-version=1'))).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.calls[0]!.path).toBe('/v1/chat/completions')
  })
})

it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'HEAD', 'OPTIONS'])('T6: %s is no method of a run', async (method) => {
  const { url, upstream } = await startWholeRelay()
  const answer = await speak(url, request(`${method} /api/llm/chat/completions`, ''))
  expect(answer).toMatch(/^HTTP\/1\.1 405 [\s\S]*allow: POST\r\n/)
  expect(answer.toLowerCase()).not.toContain('access-control')
  expect(upstream.calls).toHaveLength(0)
})

it.each(['POST', 'PUT', 'HEAD'])('T6: %s is no method of a stored run', async (method) => {
  const { url } = await startWholeRelay({ resume: true })
  expect(await speak(url, request(`${method} /api/llm/streams/AAAAAAAAAAAAAAAAAAAAAA`, ''))).toMatch(/^HTTP\/1\.1 405 [\s\S]*allow: GET, DELETE\r\n/)
})

it('T9: a foreign page cannot use its visitor\'s cookie', async () => {
  const authorize = vi.fn(() => ({ subject: 'ann' }))
  const { url, upstream } = await startWholeRelay({ authorize })
  const send = async (headers: string, type = 'application/json') => {
    const body = JSON.stringify(hello)
    const answer = await speak(url, `POST /api/llm/chat/completions HTTP/1.1\r\nhost: app.example\r\nconnection: close\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`)
    return Number(answer.slice(9, 12))
  }
  expect(await send('', 'text/plain')).toBe(415)
  expect(await send('sec-fetch-site: cross-site\r\n')).toBe(403)
  expect(await send('sec-fetch-site: same-site\r\n')).toBe(403)
  expect(await send('origin: https://evil.example\r\n')).toBe(403)
  expect(await send('cookie: session=1\r\n')).toBe(403)
  expect(upstream.calls).toHaveLength(0)
  expect(authorize).not.toHaveBeenCalled()
  expect(await send('')).toBe(200)
  expect(await send('cookie: session=1\r\nauthorization: Bearer x\r\n')).toBe(200)
  expect(await send('cookie: session=1\r\norigin: http://app.example\r\n')).toBe(200)
})

it('T12: one request costs no more than it may', async () => {
  const { post, upstream } = await startWholeRelay()
  await post('chat/completions', {
    ...hello, n: 128, max_tokens: 1e6, best_of: 20, logprobs: true, top_logprobs: 20, reasoning_effort: 'high', service_tier: 'priority', tools: [{ type: 'web_search' }],
  })
  expect(upstream.calls[0]!.body).toEqual({ ...hello, model: 'cheap', n: 1, max_tokens: 4096, best_of: 1, reasoning_effort: 'medium' })
  upstream.clear()

  const status = async (body: unknown) => (await post('chat/completions', body)).status
  expect(await status(JSON.stringify({ ...hello, x: 'x'.repeat(257 * 1024) }))).toBe(413)
  expect(await status({ messages: Array(10_000).fill({ role: 'user' }) })).toBe(413)
  expect(await status(`{"messages":${'['.repeat(1000)}${']'.repeat(1000)}}`)).toBe(400)
  expect(await status({ ...hello, tools: Array(65).fill({ type: 'function' }) })).toBe(400)
  expect(upstream.calls).toHaveLength(0)
})

it('T13: odd JSON is read as our parser reads it, and written anew', async () => {
  const { post, upstream } = await startWholeRelay()
  const send = (body: string) => post('chat/completions', body)
  for (const model of ['"cheap","model":"o3-pro"', '["o3-pro"]', '"cheap\\u0000"', '"сheap"', '"__proto__"', '"constructor"', '{"toString":1}']) {
    expect((await send(`{"messages":[],"model":${model}}`)).status).toBe(400)
  }
  expect(upstream.calls).toHaveLength(0)
  expect((await send('{"model":"o3-pro", "model":"good","MODEL":"o3-pro",\n"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"messages":[]}')).status).toBe(200)
  expect(upstream.calls[0]!.text).toBe('{"messages":[],"model":"good","stream":false,"max_tokens":4096}')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})

it('T15: a subject holds no more runs than it may', async () => {
  const { post, upstream } = await startWholeRelay({ respond: () => silence() })
  const gone = new AbortController()
  const held = [0, 1, 2].map(() => post('chat/completions', hello, { signal: gone.signal }).catch(() => {}))
  await upstream.call(2)
  const fourth = await post('chat/completions', hello)
  expect(fourth.status).toBe(429)
  expect(await fourth.json()).toMatchObject({ error: { code: 'too_many_runs' } })
  gone.abort()
  await Promise.all(held)
  upstream.respond = () => 'Hi'
  await vi.waitFor(async () => expect((await post('chat/completions', hello)).status).toBe(200))
})

it('T16: leaving early costs what it cost', async () => {
  const { post, records, upstream } = await startWholeRelay({ respond: () => ({ text: 'one two three', fault: stallAfter(2) }), limits: { rate: false, ipRate: false, concurrency: false } })
  for (let n = 0; n < 20; n++) {
    const gone = new AbortController()
    const response = await post('chat/completions', hello, { signal: gone.signal })
    await response.body!.getReader().read()
    gone.abort()
  }
  await vi.waitFor(() => expect(records).toHaveLength(20))
  expect(records.every(({ usage, outcome }) => outcome === 'stopped' && usage.estimated && usage.inputTokens > 0 && usage.outputTokens > 0)).toBe(true)
  expect(await Promise.all(upstream.calls.map(call => call.ended))).toEqual(Array(20).fill('aborted'))
})

it('T17: a body has its time and no more', async () => {
  const { url, upstream } = await startWholeRelay({ timeouts: { body: 100 } })
  const head = 'POST /api/llm/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'
  expect(await speak(url, head)).toMatch(/^HTTP\/1\.1 408 [\s\S]*"body_timeout"/)
  expect(upstream.calls).toHaveLength(0)
})

describe('T18: two requests never hide in one', () => {
  const body = JSON.stringify(hello)
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const head = 'POST /api/llm/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n'
  it.each([
    ['both lengths', `${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`],
    ['two lengths', `${head}content-length: 4\r\ncontent-length: ${body.length}\r\n\r\n${body}`],
    ['two codings', `${head}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n${chunk}`],
    ['an odd coding', `${head}transfer-encoding: xchunked\r\n\r\n${chunk}`],
  ])('%s is refused', async (_, text) => {
    const { url, upstream } = await startWholeRelay()
    expect(await speak(url, text)).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.calls).toHaveLength(0)
  })

  it('a chunked body is one request, however it is spelled', async () => {
    const { url, upstream } = await startWholeRelay()
    expect(await speak(url, `${head}transfer-encoding: ChunKed\r\n\r\n${chunk.replace('\r\n', ';ext=1\r\n')}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(upstream.calls).toHaveLength(1)
  })
})

it('T19: no header of the upstream\'s arrives', async () => {
  const names = ['set-cookie', 'link', 'clear-site-data', 'content-security-policy', 'access-control-allow-origin', 'location', 'refresh', 'x-accel-redirect', 'openai-organization', 'x-ratelimit-limit']
  const { post } = await startWholeRelay({ respond: () => ({ text: 'Hi', headers: Object.fromEntries(names.map(name => [name, 'CANARY'])) }) })
  for (const stream of [true, false]) {
    const response = await post('chat/completions', { ...hello, stream })
    expect([...response.headers.keys()].filter(name => names.includes(name))).toEqual([])
    expect(JSON.stringify([...response.headers])).not.toContain('CANARY')
  }
})

it('T22: nobody may keep an answer for somebody else', async () => {
  const { post } = await startWholeRelay()
  for (const stream of [true, false]) {
    const { headers } = await post('chat/completions', { ...hello, stream })
    expect(headers.get('cache-control')).toContain('no-store')
    expect(headers.get('vary')).toBe('Cookie, Authorization, Origin')
  }
})

it('T26: instructions and state are the server\'s', async () => {
  const { post, upstream } = await startWholeRelay({ prepare: body => body.messages ? { ...body, messages: [{ role: 'system', content: 'Ours.' }, ...body.messages] } : body })
  expect((await post('chat/completions', { messages: [{ role: 'system', content: 'x' }] })).status).toBe(400)
  expect((await post('chat/completions', { messages: [{ role: 'developer', content: 'x' }] })).status).toBe(400)
  expect((await post('responses', { input: 'x', instructions: 'x' })).status).toBe(400)
  expect((await post('messages', { ...hello, system: 'x' })).status).toBe(400)
  expect((await post('responses', { input: [{ type: 'item_reference', id: 'x' }] })).status).toBe(400)
  expect(upstream.calls).toHaveLength(0)
  await post('responses', { input: 'x', previous_response_id: 'r', conversation: 'c', prompt: { id: 'p' }, store: true, background: true })
  expect(upstream.calls[0]!.body).toEqual({ input: 'x', model: 'cheap', max_output_tokens: 4096, stream: false })
  await post('chat/completions', hello)
  expect(upstream.calls[1]!.body).toMatchObject({ messages: [{ role: 'system', content: 'Ours.' }, ...hello.messages] })
})

it('T27: the provider is sent nowhere', async () => {
  const { post, upstream } = await startWholeRelay()
  const content = (part: object) => ({ messages: [{ role: 'user', content: [part] }] })
  const status = async (part: object) => (await post('chat/completions', content(part))).status
  expect(await status({ type: 'image_url', image_url: { url: 'http://169.254.169.254/latest/meta-data' } })).toBe(400)
  expect((await post('responses', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }] })).status).toBe(400)
  expect(upstream.calls).toHaveLength(0)
  expect(await status({ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } })).toBe(200)
  expect(await status({ type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(300_000)}` } })).toBe(413)
})
