import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFakeUpstream, createLiveAnswer, inTurn, toFrames } from '../../../src/runtime/testing'
import type { FakeUpstream, FakeUpstreamOptions } from '../../../src/runtime/testing'

const open: FakeUpstream[] = []
function fake(options?: FakeUpstreamOptions): FakeUpstream {
  const upstream = createFakeUpstream(options)
  open.push(upstream)
  return upstream
}
afterEach(() => Promise.all(open.splice(0).map(upstream => upstream.close())))

const ask = (body: object = { stream: true }, init: RequestInit = {}): RequestInit =>
  ({ method: 'POST', body: JSON.stringify(body), headers: { authorization: 'Bearer sk-test' }, ...init })

/** Both ways in, held to the same behaviour. */
const ways = {
  async fetch(upstream: FakeUpstream) {
    return upstream.fetch
  },
  async port(upstream: FakeUpstream) {
    const { url } = await upstream.listen()
    return (path: string, init?: RequestInit) => fetch(url + path, init)
  },
}

describe.each(Object.entries(ways))('a fake upstream by %s', (_, open) => {
  it('records what it was asked', async () => {
    const upstream = fake()
    const request = await open(upstream)
    await (await request('/v1/chat/completions?x=1', ask({ model: 'm', stream: true }))).text()
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.calls[0]).toMatchObject({
      index: 0, method: 'POST', path: '/v1/chat/completions?x=1', protocol: 'chat', stream: true, body: { model: 'm', stream: true },
    })
    expect(upstream.calls[0]!.headers.authorization).toBe('Bearer sk-test')
    expect(await upstream.calls[0]!.ended).toBe('sent')
    expect(upstream.calls[0]!.endedAt).toBeGreaterThanOrEqual(upstream.calls[0]!.startedAt)
  })

  it('streams a script as the frames of the protocol that was called', async () => {
    const script = { text: 'Hello there', usage: false } as const
    const request = await open(fake({ respond: () => script }))
    const response = await request('/v1/messages', ask({ model: 'fake-model', stream: true }))
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await response.text()).toBe(toFrames(script, { protocol: 'messages' }).join(''))
  })

  it('counts the bytes that it handed on', async () => {
    const upstream = fake()
    const request = await open(upstream)
    const body = await (await request('/v1/responses', ask())).arrayBuffer()
    expect(upstream.calls[0]!.sentBytes).toBe(body.byteLength)
  })

  it('answers an error status in the shape of the protocol', async () => {
    const request = await open(fake({ respond: () => ({ status: 429, headers: { 'retry-after': '2' }, error: { message: 'Slow down.' } }) }))
    const response = await request('/v1/messages', ask())
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(await response.json()).toEqual({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } })
  })

  it('gives an answer with a body as it is', async () => {
    const request = await open(fake({ respond: () => ({ status: 201, headers: { 'x-own': '1' }, body: ['a', 'b'] }) }))
    const response = await request('/anything')
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([201, '1', 'ab'])
  })

  it('answers 404 to a script on a path of no protocol', async () => {
    const request = await open(fake())
    expect((await request('/v1/models')).status).toBe(404)
  })

  it('answers replies in turn and stays with the last', async () => {
    const request = await open(fake({ respond: inTurn({ status: 500 }, { status: 503 }, 'Fine.') }))
    const statuses = []
    for (let round = 0; round < 4; round++) statuses.push((await request('/chat/completions', ask({}))).status)
    expect(statuses).toEqual([500, 503, 200, 200])
  })

  it('tells what its respond threw', async () => {
    const upstream = fake({ respond: () => { throw new Error('no such case') } })
    const request = await open(upstream)
    const response = await request('/chat/completions', ask())
    expect(response.status).toBe(500)
    expect(await response.text()).toContain('no such case')
    expect(upstream.calls[0]!.error).toBeInstanceOf(Error)
  })

  it('breaks off where the body throws, and tells what', async () => {
    const upstream = fake({ respond: () => ({ body: (function* () {
      yield 'data: 1\n\n'
      throw new Error('no such frame')
    })() }) })
    const request = await open(upstream)
    await expect(request('/chat/completions', ask()).then(response => response.text())).rejects.toThrow()
    expect(await upstream.calls[0]!.ended).toBe('broken')
    expect(String(upstream.calls[0]!.error)).toContain('no such frame')
  })

  it('lets a test wait for a call and write its answer live', async () => {
    const live = createLiveAnswer()
    const upstream = fake({ respond: () => live })
    const request = await open(upstream)
    const pending = request('/chat/completions', ask({ stream: true, model: 'm' }))
    const call = await upstream.call(0)
    expect(call.body).toEqual({ stream: true, model: 'm' })
    live.emit('data: 1\n\n')
    const reader = (await pending).body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'data: 1\n\n' })
    live.emit('data: 2\n\n')
    live.end()
    expect(await reader.read()).toEqual({ done: false, value: 'data: 2\n\n' })
    expect((await reader.read()).done).toBe(true)
    expect(await call.ended).toBe('sent')
  })

  it('sees that its caller left while it answers', async () => {
    const upstream = fake({ respond: () => createLiveAnswer() })
    const request = await open(upstream)
    const leave = new AbortController()
    await request('/chat/completions', ask({ stream: true }, { signal: leave.signal }))
    leave.abort()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('sees that its caller left before the answer began', async () => {
    const upstream = fake({ respond: () => new Promise(() => {}) })
    const request = await open(upstream)
    const leave = new AbortController()
    const pending = request('/chat/completions', ask({ stream: true }, { signal: leave.signal }))
    const call = await upstream.call(0)
    leave.abort()
    await expect(pending).rejects.toThrow('aborted')
    expect(await call.ended).toBe('aborted')
  })

  it('holds back when the caller does not read', async () => {
    const chunk = new Uint8Array(64 * 1024)
    const upstream = fake({ respond: () => ({ body: (function* () { for (;;) yield chunk })() }) })
    const request = await open(upstream)
    const response = await request('/chat/completions', ask())
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    expect(upstream.calls[0]!.sentBytes).toBeLessThan(64 * 1024 * 1024)
  })

  it('breaks the answers under way when it is closed', async () => {
    const upstream = fake({ respond: () => ({ body: ['data: 1\n\n', { do: 'wait', ms: 1_000_000 }] }) })
    const request = await open(upstream)
    const response = await request('/chat/completions', ask())
    await upstream.close()
    await expect(response.text()).rejects.toThrow()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('leaves no timer behind when its caller leaves', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => { vi.useRealTimers() })
    const upstream = fake({ respond: () => ({ text: 'Hello there', delay: 1_000_000 }) })
    const request = await open(upstream)
    const leave = new AbortController()
    const response = await request('/chat/completions', ask({ stream: true }, { signal: leave.signal }))
    await response.body!.getReader().read()
    await vi.waitUntil(() => vi.getTimerCount() > 0)
    leave.abort()
    await vi.waitUntil(() => vi.getTimerCount() === 0)
    expect(upstream.calls[0]!.state).toBe('aborted')
  })

  it('starts again at number 0 after clear', async () => {
    const upstream = fake()
    const request = await open(upstream)
    await request('/chat/completions', ask({}))
    upstream.clear()
    expect(upstream.calls).toHaveLength(0)
    await request('/chat/completions', ask({}))
    expect(upstream.calls.map(call => call.index)).toEqual([0])
  })
})
