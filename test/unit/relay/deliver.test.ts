import { expect, it, vi } from 'vitest'
import { listen, startRelay } from '../../support/relay-server'

const event = (text: string) => `data: {"choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":null}]}\n\n`
const finish = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'
const done = 'data: [DONE]\n\n'

it('forwards an answer event by event, and reports what came of it', async () => {
  const upstream = await listen((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'up-1', 'set-cookie': 'a=b' })
    for (const part of [': hello\n\n', event('a'), event('b'), finish, done]) response.write(part)
    response.end()
  })
  const relay = await startRelay(upstream.url)

  const response = await fetch(relay.url, { method: 'POST', body: '{}' })

  expect(await response.text()).toBe(event('a') + event('b') + finish + done)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('set-cookie')).toBeNull()
  expect(relay.reports[0]).toMatchObject({ outcome: 'complete', events: 4, attempts: 1, upstreamRequestId: 'up-1', usage: { totalTokens: 11 } })
})

it('answers a refusal with its own status and JSON', async () => {
  const upstream = await listen((request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end('{"error":{"message":"bad key sk-123","code":"invalid_api_key"}}')
  })
  const relay = await startRelay(upstream.url)

  const response = await fetch(relay.url, { method: 'POST', body: '{}' })

  expect(response.status).toBe(502)
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_auth', retryable: false, requestId: 'request-1' } })
  expect(text).not.toContain('sk-123')
})

it('says a break in mid-stream in one error frame', async () => {
  const upstream = await listen((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event('a'), () => response.socket?.resetAndDestroy())
  })
  const relay = await startRelay(upstream.url)

  const text = await (await fetch(relay.url, { method: 'POST', body: '{}' })).text()

  expect(text.startsWith(`${event('a')}event: error\ndata: {"error":{"code":"upstream_reset"`)).toBe(true)
  expect(text.match(/event: error/g)).toHaveLength(1)
})

it('stops the upstream when the client leaves', async () => {
  let left = false
  const upstream = await listen((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event('a'))
    response.on('close', () => { left = true })
  })
  const relay = await startRelay(upstream.url)
  const leave = new AbortController()

  const response = await fetch(relay.url, { method: 'POST', body: '{}', signal: leave.signal })
  await response.body!.getReader().read()
  leave.abort()

  await vi.waitUntil(() => left && relay.reports.length > 0)
  expect(relay.reports[0]).toMatchObject({ outcome: 'stopped', reason: 'disconnected' })
})

it('ends what it cannot even begin, by a mistake of its own', async () => {
  const relay = await startRelay('http://127.0.0.1:9', { onAttempt() { throw new TypeError('no such thing') } })

  const response = await fetch(relay.url, { method: 'POST', body: '{}' })

  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ error: { code: 'internal' } })
  expect(relay.reports).toEqual([expect.objectContaining({ outcome: 'failed', reason: 'internal', attempts: 0 })])
})
