import { describe, expect, it, vi } from 'vitest'
import { DONE, event, finish, splitError } from '../../support/chat-frames'
import type { StartFaultRelay } from '../../support/fault-relay'
import { chunk, listenRaw, SSE_HEAD } from '../../support/raw-server'

const CANARY = 'sk-canary'

/** Answers that are not what was asked for (faults.md). */
export function describeAnswers(name: string, start: StartFaultRelay, { informational = ['103 Early Hints'] } = {}): void {
  describe(`other answers over ${name}`, () => {
    it.each([
      ['an error object', `{"code":"The service is currently unavailable","error":"${CANARY}"}`, 'upstream_error'],
      ['an overload', `{"error":{"type":"overloaded_error","message":"${CANARY}"}}`, 'upstream_unavailable'],
      ['a whole completion', '{"choices":[{"message":{"content":"Hi"}}]}', 'upstream_bad_content_type'],
      ['broken JSON', '{"choices":', 'upstream_bad_content_type'],
    ])('F9: maps JSON in place of a stream (%s)', async (_, body, code) => {
      const server = await listenRaw(socket => socket.write(toHttp('200 OK', { 'content-type': 'application/json; charset=utf-8' }, body)))
      const relay = await start(server.url)
      const response = await relay.post()
      const text = await response.text()
      expect(JSON.parse(text)).toMatchObject({ error: { code } })
      expect(text).not.toContain(CANARY)
    })

    it('F10: refuses HTML without reading it', async () => {
      let sent = 0
      const server = await listenRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n')
        const push = () => {
          do sent += 64 * 1024
          while (sent < 64e6 && socket.write('x'.repeat(64 * 1024)))
        }
        socket.on('drain', push)
        push()
      })
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const response = await relay.post()
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_bad_content_type', retryable: false } })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
      expect(sent).toBeLessThan(16e6)
      expect(server.received.join('').match(/POST/g)).toHaveLength(1)
    })

    it.each([
      ['data:', `${event('a')}${finish()}${DONE}`],
      ['a byte order mark', `\uFEFF${event('a')}${finish()}${DONE}`],
      ['a comment', `: hello\n\n${event('a')}${finish()}${DONE}`],
    ])('F11: takes an answer without content type that begins like SSE (%s)', async (_, text) => {
      const server = await listenRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        for (const byte of Buffer.from(text)) socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]))
        socket.write(chunk(''))
      })
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(event('a') + finish() + DONE)
    })

    it('F11: says so once per upstream, however many answers come without', async () => {
      const server = await listenRaw(socket => socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk(event('a') + finish() + DONE)}${chunk('')}`))
      const relay = await start(server.url)
      for (let answer = 0; answer < 3; answer++) await (await relay.post()).text()
      expect(relay.lines).toEqual([expect.stringMatching(/"default".*content type/)])
    })

    it('F11: refuses an answer without content type that does not', async () => {
      const server = await listenRaw(socket => socket.write(toHttp('200 OK', {}, '<!doctype html>')))
      const relay = await start(server.url)
      const response = await relay.post()
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_bad_content_type' } })
    })

    it.each([
      ['retry-after-ms', { 'retry-after-ms': '30' }],
      ['x-ms-retry-after-ms', { 'x-ms-retry-after-ms': '30' }],
      ['seconds', { 'retry-after': '0' }],
      ['a date by the answer\'s own clock', { 'date': 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' }],
    ])('F12: waits as long as the upstream asks (%s), then answers', async (_, headers) => {
      const server = await listenRaw((socket, count) => socket.write(count === 1
        ? toHttp('429 Too Many Requests', headers as Record<string, string>, '{}')
        : SSE_HEAD + chunk(event('a') + finish()) + chunk('')))
      const relay = await start(server.url, { upstream: { retries: 1 } })
      expect(await (await relay.post()).text()).toBe(event('a') + finish())
      expect(await relay.record()).toMatchObject({ attempts: 2, outcome: 'complete' })
    })

    it.each([
      ['seconds', { 'retry-after': '60' }, '60', 60_000],
      ['milliseconds', { 'retry-after-ms': '45000' }, '45', 45_000],
      ['a date', { 'date': 'Sun, 06 Nov 1994 08:00:00 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:05:00 GMT' }, '300', 300_000],
      ['far too much', { 'retry-after': '1000000000' }, '3600', 3_600_000],
    ])('F12: passes on a wait that is too long to sit out (%s)', async (_, headers, seconds, ms) => {
      const server = await listenRaw(socket => socket.write(toHttp('429 Too Many Requests', headers as Record<string, string>, '{}')))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const response = await relay.post()
      expect(response.status).toBe(429)
      expect(response.headers.get('retry-after')).toBe(seconds)
      expect(response.headers.get('x-should-retry')).toBe('true')
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_rate_limited', retryAfterMs: ms } })
      expect(await relay.record()).toMatchObject({ attempts: 1 })
    })

    it.each(['-5', 'soon', ''])('F12: takes a wait that makes no sense (%j) for none', async (value) => {
      const server = await listenRaw(socket => socket.write(toHttp('429 Too Many Requests', { 'retry-after': value }, '{}')))
      const relay = await start(server.url)
      const response = await relay.post()
      expect(response.headers.get('retry-after')).toBeNull()
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_rate_limited' } })
    })

    it('does not try again for a quota that is used up', async () => {
      const server = await listenRaw(socket => socket.write(toHttp('429 Too Many Requests', {}, `{"error":{"code":"insufficient_quota","message":"${CANARY}"}}`)))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const text = await (await relay.post()).text()
      expect(JSON.parse(text)).toMatchObject({ error: { code: 'upstream_quota', status: 502, upstreamCode: 'insufficient_quota' } })
      expect(text).not.toContain(CANARY)
      expect(await relay.record()).toMatchObject({ attempts: 1 })
    })

    it.each([500, 502, 503, 529])('F13: tries again after %i', async (status) => {
      const server = await listenRaw((socket, count) => socket.write(count === 1
        ? toHttp(`${status} X`, { 'retry-after-ms': '1' }, '{}')
        : SSE_HEAD + chunk(event('a') + finish()) + chunk('')))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      expect(await (await relay.post()).text()).toBe(event('a') + finish())
      expect(await relay.record()).toMatchObject({ attempts: 2 })
    })

    it('gives up after the last attempt, with the last failure', async () => {
      const server = await listenRaw(socket => socket.write(toHttp('503 X', { 'retry-after-ms': '1' }, '{}')))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const response = await relay.post()
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      await response.text()
      expect(await relay.record()).toMatchObject({ attempts: 3, reason: 'upstream_unavailable' })
    })

    it('obeys an upstream that says not to try again', async () => {
      const server = await listenRaw(socket => socket.write(toHttp('503 X', { 'x-should-retry': 'false' }, '{}')))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      await (await relay.post()).text()
      expect(await relay.record()).toMatchObject({ attempts: 1 })
    })

    it.each(SHAPES)('F20: replaces an error in the stream by its own frame (%s)', async (_, frames, code) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(event('a') + event('b') + frames + event('late') + DONE)))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const text = await (await relay.post()).text()
      const { before, error } = splitError(text)
      expect(before).toBe(event('a') + event('b'))
      expect(error).toMatchObject({ code })
      expect(text).not.toContain(CANARY)
      expect(await relay.record()).toMatchObject({ outcome: 'failed', reason: code, attempts: 1, events: 2 })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it.each(SHAPES)('F20: answers an error in place of the first event with a status (%s)', async (_, frames, code) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(`: hello\n\n${frames}`) + chunk('')))
      const relay = await start(server.url)
      const response = await relay.post()
      const text = await response.text()
      expect(response.status).toBe(code === 'upstream_unavailable' ? 503 : code === 'upstream_rate_limited' ? 429 : 502)
      expect(JSON.parse(text)).toMatchObject({ error: { code } })
      expect(text).not.toContain(CANARY)
    })

    it('F20: tries again after a passing error in place of the first event', async () => {
      const server = await listenRaw((socket, count) => socket.write(SSE_HEAD + chunk(count === 1 ? SHAPES[2]![1] : event('a') + finish()) + chunk('')))
      const relay = await start(server.url, { upstream: { retries: 1 } })
      expect(await (await relay.post()).text()).toBe(event('a') + finish())
      expect(await relay.record()).toMatchObject({ attempts: 2 })
    })

    it.each(informational)('F36: passes over %s', async (status) => {
      const server = await listenRaw(socket => socket.write(`HTTP/1.1 ${status}\r\n\r\n${SSE_HEAD}${chunk(event('a') + finish())}${chunk('')}`))
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(event('a') + finish())
    })

    it.each([
      ['204 No Content', 'upstream_error'], ['206 Partial Content', 'upstream_error'], ['304 Not Modified', 'upstream_redirect_blocked'],
      ['301 Moved', 'upstream_redirect_blocked'], ['307 Moved', 'upstream_redirect_blocked'],
    ])('F36: refuses %s', async (status, code) => {
      const server = await listenRaw(socket => socket.write(`HTTP/1.1 ${status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n`))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const response = await relay.post()
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code } })
      expect(await relay.record()).toMatchObject({ attempts: 1 })
    })

    it('checks a JSON answer before it passes it on', async () => {
      const bodies = [`{"error":{"message":"${CANARY}","code":500}}`, '[1]', 'nonsense']
      const server = await listenRaw((socket, count) => socket.write(toHttp('200 OK', { 'content-type': 'application/json' }, bodies[count - 1]!)))
      for (const code of ['upstream_error', 'upstream_bad_content_type', 'upstream_bad_content_type']) {
        const relay = await start(server.url)
        const response = await relay.post({ stream: false })
        expect(response.status).toBe(502)
        expect(await response.json()).toMatchObject({ error: { code } })
      }
    })
  })
}

/** wire.md §5, with a marker where the upstream's own words are. */
const SHAPES: [title: string, frames: string, code: string][] = [
  ['OpenAI', `data: {"error":{"message":"${CANARY}","type":"server_error","param":null,"code":null}}\n\n`, 'upstream_error'],
  ['a rate limit', `data: {"error":{"message":"${CANARY}","type":"requests","code":"rate_limit_exceeded"}}\n\n`, 'upstream_rate_limited'],
  ['an overload', `event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"${CANARY}"}}\n\n`, 'upstream_unavailable'],
  ['OpenRouter', `data: {"id":"g","error":{"code":"server_error","message":"${CANARY}"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}\n\n`, 'upstream_error'],
  ['vLLM', `data: {"object":"error","message":"${CANARY}","type":"InternalServerError","param":null,"code":500}\n\n`, 'upstream_error'],
  ['a field named error', `error: {"code":400,"message":"${CANARY}","type":"invalid_request_error"}\n\n`, 'upstream_error'],
  ['LM Studio', `data: {"error":{"message":"${CANARY}"},"message":"${CANARY}"}\n\n`, 'upstream_error'],
  ['an event named error without JSON', `event: error\ndata: ${CANARY}\n\n`, 'upstream_error'],
  ['Groq', `data: {"choices":[],"x_groq":{"error":"${CANARY}"}}\n\n`, 'upstream_error'],
  ['a finish reason', 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"insufficient_system_resource"}]}\n\n', 'upstream_error'],
  ['JSON over several lines', `data: {"error":\ndata: {"message":"${CANARY}","code":503}}\n\n`, 'upstream_unavailable'],
]

function toHttp(status: string, headers: Record<string, string>, body: string): string {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`
}
