import { describe, expect, it, vi } from 'vitest'
import type { StreamHooks } from '../../../src/runtime/app/run/hooks'
import { createLiveFetch } from '../../support/live-fetch'
import { openTestStream, settle } from '../../support/stream'

const stop = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }

describe('while an answer arrives', () => {
  it('is submitted until the first part: a role, a comment or a model name begin nothing', async () => {
    const { stream, calls, page, written } = openTestStream()
    void stream.start('Hi')
    expect(written.at(-1)?.phase).toBe('submitted')
    calls[0]!.emit(new TextEncoder().encode(': waiting\n\n'), { id: 'a', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })
    await settle()
    page.paint()
    expect(written.at(-1)).toMatchObject({ phase: 'submitted', result: { model: 'm', responseId: 'a' } })
    expect(written.at(-1)?.timing.firstByteMs).toBeDefined()
    calls[0]!.emit('Hi')
    await settle()
    expect(written.at(-1)).toMatchObject({ phase: 'streaming', result: { text: 'Hi' } })
    stream.stop()
  })

  it('shows the first text at once, then once per frame, and all of it before the status changes', async () => {
    const { stream, calls, page, written } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    expect(written.at(-1)?.result.text).toBe('a')
    const before = written.length
    for (const letter of 'bcdef') {
      calls[0]!.emit(letter)
      await settle()
    }
    expect(written).toHaveLength(before)
    page.paint()
    expect(written).toHaveLength(before + 1)
    expect(written.at(-1)).toMatchObject({ phase: 'streaming', result: { text: 'abcdef' } })
    calls[0]!.emit('g')
    calls[0]!.finish()
    await run
    expect(written).toHaveLength(before + 2)
    expect(written.at(-1)).toMatchObject({ phase: 'complete', result: { text: 'abcdefg', outcome: 'complete' } })
  })

  it('shows the first text at once too when reasoning came before it', async () => {
    const { stream, calls, written } = openTestStream()
    void stream.start('Hi')
    calls[0]!.emit({ choices: [{ index: 0, delta: { reasoning_content: 'Hm' } }] })
    await settle()
    expect(written.at(-1)).toMatchObject({ phase: 'streaming', result: { reasoning: 'Hm', text: '' } })
    calls[0]!.emit('Hi')
    await settle()
    expect(written.at(-1)?.result.text).toBe('Hi')
    stream.stop()
  })

  it('waits for no timer and no frame: an answer completes although none ever comes', async () => {
    const { stream, calls, page } = openTestStream()
    const run = stream.start('Hi')
    for (let i = 0; i < 500; i++) calls[0]!.emit('word ')
    calls[0]!.finish()
    expect((await run).text).toHaveLength(2500)
    expect(page.pending.frames).toBe(0)
  })

  it('keeps closed parts and finished calls the same objects', async () => {
    const { stream, calls, page, written } = openTestStream()
    void stream.start('Hi')
    calls[0]!.emit({ choices: [{ index: 0, delta: { reasoning_content: 'Hm' } }] }, 'a')
    await settle()
    page.paint()
    const [reasoning] = written.at(-1)!.result.choices[0]!.parts
    calls[0]!.emit('b')
    await settle()
    page.paint()
    const parts = written.at(-1)!.result.choices[0]!.parts
    expect(parts[0]).toBe(reasoning)
    expect(parts[1]).toEqual({ type: 'text', text: 'ab', state: 'streaming' })
    stream.stop()
  })

  it('takes the times of the run', async () => {
    const { stream, calls, page, written } = openTestStream()
    const run = stream.start('Hi')
    page.advance(100)
    calls[0]!.emit(new TextEncoder().encode(': waiting\n\n'))
    await settle()
    page.advance(200)
    calls[0]!.emit('12345678901234567890')
    await settle()
    page.advance(2000)
    calls[0]!.finish()
    await run
    expect(written.at(-1)?.timing).toEqual({ firstByteMs: 100, firstTextMs: 300, totalMs: 2300, events: expect.any(Number) as number, charsPerSecond: 10 })
  })

  it('warns when an answer comes all at once after a long silence', async () => {
    const { stream, calls, page, warnings } = openTestStream()
    const run = stream.start('Hi')
    page.advance(3000)
    calls[0]!.emit(new TextEncoder().encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x' } }] })}\n\n`.repeat(30)))
    calls[0]!.finish()
    await run
    expect(warnings).toEqual([expect.stringContaining('arrived together after 3 seconds')])
  })
})

describe('the end', () => {
  it('lets the body end by itself, so that the connection can be used again', async () => {
    const { stream, calls, page } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.finish()
    await run
    await settle()
    expect(calls[0]!.cancelled).toBe(false)
    expect(page.pending).toEqual({ timers: 0, frames: 0, listeners: 0 })
  })

  it('ends a body that goes on after its terminal, and reads nothing of it', async () => {
    const { stream, calls, page } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a', stop, new TextEncoder().encode('data: [DONE]\n\n'))
    expect((await run).text).toBe('a')
    calls[0]!.emit('late')
    await settle()
    expect(calls[0]!.cancelled).toBe(false)
    page.advance(1000)
    await settle()
    expect(calls[0]!.cancelled).toBe(true)
    expect(page.pending).toEqual({ timers: 0, frames: 0, listeners: 0 })
  })

  it('counts an answer that breaks off as truncated', async () => {
    const { stream, calls, written } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.end()
    expect(await run).toMatchObject({ outcome: 'truncated', text: 'a', error: { code: 'upstream_truncated' } })
    expect(written.at(-1)?.phase).toBe('truncated')
  })

  it('counts a connection that breaks after the finish reason as a good end', async () => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a', stop)
    await settle()
    calls[0]!.fail()
    expect(await run).toMatchObject({ outcome: 'complete', error: null })
  })

  it('holds no timer, frame or listener after any end', async () => {
    for (const end of ['finish', 'fail', 'end', 'stop'] as const) {
      const { stream, calls, page } = openTestStream()
      const run = stream.start('Hi')
      calls[0]!.emit('a')
      await settle()
      if (end === 'stop') stream.stop()
      else calls[0]![end]()
      await run
      await settle()
      expect(page.pending, end).toEqual({ timers: 0, frames: 0, listeners: 0 })
    }
  })
})

describe('stop', () => {
  it('ends the run in the same step, and the request with it', async () => {
    const { stream, calls, written } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    stream.stop()
    expect(written.at(-1)).toMatchObject({ phase: 'stopped', result: { text: 'a', error: null } })
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped' })
  })

  it('ends a run whose fetch does not know its signal', async () => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    stream.stop()
    expect(await run).toMatchObject({ outcome: 'stopped' })
    calls[0]!.head()
    await settle()
    expect(calls[0]!.cancelled).toBe(true)
  })

  it('is silent once the run is over', async () => {
    const { stream, calls, written } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.finish()
    await run
    const before = written.length
    stream.stop()
    stream.stop()
    expect(written).toHaveLength(before)
  })
})

describe('deadlines', () => {
  const timeouts = { firstByte: 1000, idle: 500, total: 2000 }

  it('fails when no byte comes', async () => {
    const { stream, page, calls } = openTestStream({ timeouts })
    const run = stream.start('Hi')
    calls[0]!.head()
    await settle()
    page.advance(1000)
    expect(await run).toMatchObject({ outcome: 'failed', error: { code: 'first_byte_timeout', retryable: true } })
    expect(calls[0]!.cancelled).toBe(true)
  })

  it('fails when bytes stop coming, and keeps the text', async () => {
    const { stream, page, calls } = openTestStream({ timeouts })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    page.advance(500)
    expect(await run).toMatchObject({ outcome: 'failed', text: 'a', error: { code: 'idle_timeout' } })
  })

  it('counts a comment as a sign of life', async () => {
    const { stream, page, calls, written } = openTestStream({ timeouts })
    void stream.start('Hi')
    for (let i = 0; i < 3; i++) {
      calls[0]!.emit(new TextEncoder().encode(': heartbeat\n\n'))
      await settle()
      page.advance(400)
    }
    expect(written.at(-1)?.phase).toBe('submitted')
    stream.stop()
  })

  it('ends a whole answer well', async () => {
    const { stream, page, calls } = openTestStream({ timeouts })
    const run = stream.start('Hi')
    calls[0]!.emit('a', stop)
    await settle()
    page.advance(500)
    expect(await run).toMatchObject({ outcome: 'complete', error: null })
  })
})

describe('failures before the first byte', () => {
  it('reads the relay\'s error', async () => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.head(429, { 'content-type': 'application/json' }, JSON.stringify({
      error: { code: 'rate_limited', message: 'Slow down.', status: 429, retryable: true, retryAfterMs: 1500, requestId: 'r1', type: 'rate_limit_error', param: null },
    }))
    expect((await run).error).toMatchObject({ code: 'rate_limited', status: 429, retryable: true, retryAfterMs: 1500, requestId: 'r1' })
  })

  it.each([
    ['an object', { error: { message: 'No credit', code: 'insufficient_quota' } }],
    ['an object in a list', [{ error: { message: 'No credit', code: 'insufficient_quota' } }]],
  ])('reads an error of an upstream that %s tells, sent with status 200', async (_, body) => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.head(200, { 'content-type': 'application/json' }, JSON.stringify(body))
    expect(await run).toMatchObject({ outcome: 'failed', error: { code: 'upstream_quota', message: 'No credit', retryable: false } })
  })

  it.each([
    [500, true], [503, true], [429, true], [408, true], [404, false], [400, false],
  ])('makes http_error of a %d without our JSON, and shows nothing of its body', async (status, retryable) => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.head(status, { 'content-type': 'text/html', 'retry-after': '2', 'x-request-id': 'r1' }, '<h1>SECRET</h1>')
    const { error } = await run
    expect(error).toMatchObject({ code: 'http_error', status, retryable, retryAfterMs: 2000, requestId: 'r1' })
    expect(JSON.stringify(error)).not.toContain('SECRET')
  })

  it.each([
    ['text/html', '<h1>Log in</h1>'],
    ['application/json', '{"object":"response","status":"completed","error":null,"output":[]}'],
    ['application/json', '[]'],
  ])('names what came instead of a stream, %s: %s', async (type, body) => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.head(200, { 'content-type': type }, body)
    expect((await run).error).toMatchObject({ code: 'bad_content_type', retryable: false, message: expect.stringContaining(`${type} instead of text/event-stream`) as string })
  })

  it('makes network_error of a fetch that fails, whatever its text', async () => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    const cause = new TypeError('Load failed')
    calls[0]!.fail(cause)
    expect((await run).error).toMatchObject({ code: 'network_error', retryable: true, cause })
  })
})

describe('retry', () => {
  it('sends the same bytes again after the time that the server asks for', async () => {
    const { stream, calls, page, written } = openTestStream({ retry: 1 })
    const run = stream.start('Hi')
    calls[0]!.head(503, { 'retry-after': '3' })
    await settle()
    expect(written.at(-1)?.phase).toBe('submitted')
    page.advance(2999)
    expect(calls).toHaveLength(1)
    page.advance(1)
    await settle()
    expect(calls).toHaveLength(2)
    expect(calls[1]!.body).toEqual(calls[0]!.body)
    calls[1]!.emit('Hi')
    calls[1]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'Hi' })
  })

  it('gives up after its attempts, with the last error', async () => {
    const { stream, calls, page } = openTestStream({ retry: 2 })
    const run = stream.start('Hi')
    for (let attempt = 0; attempt < 3; attempt++) {
      calls[attempt]!.head(502)
      await settle()
      page.advance(8000)
      await settle()
    }
    expect(await run).toMatchObject({ outcome: 'failed', error: { status: 502 } })
    expect(calls).toHaveLength(3)
  })

  it('never posts again once a part was shown', async () => {
    const { stream, calls, page } = openTestStream({ retry: 5 })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    calls[0]!.fail()
    await run
    page.advance(100_000)
    await settle()
    expect(calls).toHaveLength(1)
  })

  it('posts again when only a role had come', async () => {
    const { stream, calls, page } = openTestStream({ retry: 1 })
    const run = stream.start('Hi')
    calls[0]!.emit({ model: 'm', choices: [{ index: 0, delta: { role: 'assistant' } }] })
    await settle()
    calls[0]!.fail()
    await settle()
    page.advance(8000)
    await settle()
    calls[1]!.emit('a')
    calls[1]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a', model: null })
  })

  it.each([
    ['an error that is final', 400, {}],
    ['a wait of more than a minute', 503, { 'retry-after': '61' }],
  ])('does not wait for %s', async (_, status, headers) => {
    const { stream, calls } = openTestStream({ retry: 3 })
    const run = stream.start('Hi')
    calls[0]!.head(status, headers)
    expect(await run).toMatchObject({ outcome: 'failed' })
    expect(calls).toHaveLength(1)
  })

  it('ends while it waits, when it is stopped', async () => {
    const { stream, calls, page } = openTestStream({ retry: 3 })
    const run = stream.start('Hi')
    calls[0]!.fail()
    await settle()
    expect(page.pending.timers).toBe(2)
    stream.stop()
    expect(await run).toMatchObject({ outcome: 'stopped' })
    page.advance(10_000)
    await settle()
    expect(calls).toHaveLength(1)
    expect(page.pending.timers).toBe(0)
  })

  it('posts nothing more when its whole time is over', async () => {
    const { stream, calls, page } = openTestStream({ retry: 3, timeouts: { firstByte: Infinity, idle: Infinity, total: 2000 } })
    const run = stream.start('Hi')
    calls[0]!.head(503, { 'retry-after': '3' })
    await settle()
    page.advance(3000)
    expect(await run).toMatchObject({ outcome: 'failed', error: { code: 'total_timeout' } })
    expect(calls).toHaveLength(1)
  })

  it('posts nothing by itself: not when the tab is hidden or shown, nor when the connection is cut', async () => {
    const { stream, calls, page } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    page.show(false)
    page.advance(30_000)
    page.show(true)
    calls[0]!.fail()
    await run
    page.show(false)
    page.show(true)
    page.advance(100_000)
    await settle()
    expect(calls).toHaveLength(1)
  })
})

it('loads its decoder while the request is under way', async () => {
  const { stream, calls } = openTestStream({ protocol: 'responses' })
  const run = stream.start('Hi')
  expect(calls).toHaveLength(1)
  calls[0]!.emit(
    { type: 'response.created', response: { id: 'r', status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item: { id: 'm', type: 'message', role: 'assistant', content: [] } },
    { type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: 'Hi' },
    { type: 'response.completed', response: { id: 'r', status: 'completed' } },
  )
  expect(await run).toMatchObject({ outcome: 'complete', text: 'Hi' })
})

it('fails, and does not hang, when its decoder cannot be loaded', async () => {
  const { fetch, calls } = createLiveFetch()
  const { stream } = openTestStream({
    connection: { open: signal => fetch('/', { body: '{}', signal }), runId: null },
    decoder: Promise.reject(new TypeError('Failed to fetch dynamically imported module')),
  })
  const run = stream.start('Hi')
  calls[0]!.head()
  expect(await run).toMatchObject({ outcome: 'failed', error: { code: 'network_error' } })
})

describe('hooks', () => {
  it('are called in order, once, and get the result', async () => {
    const order: string[] = []
    const hooks = {
      onEvent: vi.fn((event: { type: string }) => { order.push(event.type) }),
      onText: vi.fn((delta: string) => { order.push(`text ${delta}`) }),
      onError: vi.fn(() => { order.push('onError') }),
      onFinish: vi.fn(() => { order.push('onFinish') }),
    }
    const { stream, calls } = openTestStream({ hooks })
    const run = stream.start('Hi').then(() => order.push('settled'))
    calls[0]!.emit('a', 'b')
    calls[0]!.end()
    await run
    expect(order).toEqual(['text-start', 'text-delta', 'text a', 'text-delta', 'text b', 'end', 'onError', 'onFinish', 'settled'])
    expect(hooks.onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ outcome: 'truncated', text: 'ab' }))
  })

  it('tell of a call when it is closed and parsed', async () => {
    const onToolCall = vi.fn()
    const { stream, calls } = openTestStream({ hooks: { onToolCall } })
    const run = stream.start('Hi')
    const call = (delta: object) => ({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] })
    calls[0]!.emit('Let me see. ', call({ index: 0, id: 'c1', function: { name: 'add', arguments: '{"a":' } }), call({ index: 0, function: { arguments: '1}' } }))
    await settle()
    expect(onToolCall).not.toHaveBeenCalled()
    calls[0]!.emit({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })
    calls[0]!.end()
    expect(await run).toMatchObject({ outcome: 'tool-calls' })
    expect(onToolCall).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'c1', name: 'add', input: { a: 1 }, state: 'ready' }))
  })

  it('hear the rest of a run that began when nobody listened', async () => {
    const hooks: StreamHooks = {}
    const { stream, calls } = openTestStream({ hooks })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    const heard: string[] = []
    hooks.onText = delta => heard.push(delta) // as those of another user, once the first has gone
    calls[0]!.emit('b', 'c')
    calls[0]!.finish()
    await run
    expect(heard).toEqual(['b', 'c'])
  })

  it('cannot end or delay a run: what they throw or reject with is reported', async () => {
    const fail = () => { throw new Error('hook') }
    const hooks = { onEvent: fail, onText: async () => { throw new Error('async hook') }, onFinish: fail }
    const { stream, calls, reported } = openTestStream({ hooks })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a' })
    await settle()
    expect(reported.map(String)).toContain('Error: hook')
    expect(reported.map(String)).toContain('Error: async hook')
  })

  it('may start the next run, and stop the one they are called in', async () => {
    const hooks = { onFinish: vi.fn(() => { if (hooks.onFinish.mock.calls.length === 1) void stream.start('Again') }), onText: () => stream.stop() }
    const { stream, calls } = openTestStream({ hooks })
    const run = stream.start('Hi')
    calls[0]!.emit('a', 'b')
    expect(await run).toMatchObject({ outcome: 'stopped', text: 'a' })
    expect(calls).toHaveLength(2)
    stream.stop()
  })
})
