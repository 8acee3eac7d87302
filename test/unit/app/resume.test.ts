import { describe, expect, it } from 'vitest'
import type { StreamHooks } from '../../../src/runtime/app/run/hooks'
import type { RememberedRun, RunMemory } from '../../../src/runtime/app/run/memory'
import type { LiveCall } from '../../support/live-fetch'
import { toFrame } from '../../support/live-fetch'
import { openTestStream, settle } from '../../support/stream'

const RUN = 'AAAAAAAAAAAAAAAAAAAAAA'
const HEAD = { 'content-type': 'text/event-stream', 'x-stream-id': RUN, 'x-stream-resumable': '1' }
const DONE = 'data: [DONE]\n\n'

/** Memory of a tab, in the hand of a test. */
function createMemory(run?: RememberedRun): RunMemory & { run?: RememberedRun } {
  return {
    run,
    read() { return this.run },
    write(run) { this.run = run },
    clear() { this.run = undefined },
  }
}

function open(options: Parameters<typeof openTestStream>[0] = {}) {
  const test = openTestStream({ resumable: true, publish: 'sync', ...options })
  return {
    ...test,
    shown: () => test.written.at(-1)!,
    /** The call of that number, once it is made. */
    async call(index: number): Promise<LiveCall> {
      await settle()
      return test.calls[index]!
    },
  }
}

/** The code of resumable runs is loaded when it is needed. */
async function loaded(condition: () => boolean): Promise<void> {
  while (!condition()) await settle()
}

/** Frames as the relay numbers them. */
function numbered(from: number, ...texts: string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text, index) => `id: ${from + index}\n${text === DONE ? text : toFrame(text)}`).join(''))
}

async function begin(options: Parameters<typeof openTestStream>[0] = {}) {
  const test = open(options)
  const result = test.stream.start('Hi')
  await loaded(() => test.calls.length > 0)
  test.calls[0]!.head(200, HEAD)
  await settle()
  return { ...test, result }
}

describe('a connection that breaks', () => {
  it('is taken up behind the last frame, and nobody sees it', async () => {
    const { calls, call, page, shown, written, result } = await begin()
    expect(calls[0]).toMatchObject({ url: '/api/llm/chat/completions', headers: { 'x-stream-resumable': '1', 'x-requested-with': 'nuxt-llm-stream' } })
    calls[0]!.emit(numbered(2, 'One ', 'two '))
    await settle()
    calls[0]!.fail()
    await settle()
    page.advance(250)
    const second = await call(1)
    expect(second).toMatchObject({ url: `/api/llm/streams/${RUN}`, headers: { 'last-event-id': '3', 'x-requested-with': 'nuxt-llm-stream' } })
    expect(shown()).toMatchObject({ phase: 'streaming', runId: RUN, result: { text: 'One two ', error: null } })
    second.emit(numbered(3, 'two ', 'three', DONE)) // the third frame a second time
    expect(await result).toMatchObject({ outcome: 'complete', text: 'One two three' })
    expect(new Set(written.map(({ phase }) => phase))).toEqual(new Set(['submitted', 'streaming', 'complete']))
  })

  it('drops the half of a frame that came', async () => {
    const { calls, call, result } = await begin()
    const whole = numbered(2, 'One ', 'two')
    calls[0]!.emit(whole.slice(0, whole.length - 20))
    await settle()
    calls[0]!.end()
    const second = await call(1)
    expect(second.headers['last-event-id']).toBe('2')
    second.emit(numbered(3, 'two', DONE))
    expect(await result).toMatchObject({ outcome: 'complete', text: 'One two' })
  })

  it('waits longer each time, and gives up after five tries that bring nothing', async () => {
    const { calls, call, page, network, shown, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    calls[0]!.fail()
    for (const [index, longest] of [250, 500, 1000, 2000, 4000].entries()) {
      await settle()
      page.advance(longest / 2 - 1)
      await settle()
      expect(calls).toHaveLength(index + 1)
      page.advance(longest)
      ;(await call(index + 1)).fail()
    }
    expect(await result).toMatchObject({ outcome: 'failed', text: 'One', error: { code: 'network_error', retryable: true } })
    expect(shown()).toMatchObject({ phase: 'failed', result: { text: 'One' } })
    expect({ ...page.pending, listeners: page.pending.listeners + network.listeners }).toEqual({ timers: 0, frames: 0, listeners: 0 })
  })

  it('counts its tries anew once a frame has come', async () => {
    const { calls, call, page, result } = await begin()
    let last = calls[0]!
    for (let round = 0; round < 12; round++) {
      last.emit(numbered(2 + round, `${round} `))
      await settle()
      last.fail()
      await settle()
      page.advance(250)
      last = await call(round + 1)
    }
    last.emit(numbered(14, DONE))
    expect(await result).toMatchObject({ outcome: 'complete' })
  })

  it('is tried at once when the network is back, and not without one', async () => {
    const { calls, call, page, network, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    network.connect(false)
    calls[0]!.fail()
    await settle()
    page.advance(20_000)
    await settle()
    expect(calls).toHaveLength(1)
    network.connect(true)
    ;(await call(1)).emit(numbered(3, DONE))
    expect(await result).toMatchObject({ outcome: 'complete' })
  })

  it('is tried at once when the page is seen again', async () => {
    const { calls, call, network, result } = await begin()
    calls[0]!.fail()
    await settle()
    expect(calls).toHaveLength(1)
    network.see()
    ;(await call(1)).emit(numbered(2, 'One', DONE))
    expect(await result).toMatchObject({ outcome: 'complete', text: 'One' })
  })

  it('gives up waiting for a head that does not come', async () => {
    const { calls, call, page, result } = await begin()
    calls[0]!.fail()
    await settle()
    page.advance(250)
    expect((await call(1)).cancelled).toBe(false)
    page.advance(10_000)
    await settle()
    expect(calls[1]!.cancelled).toBe(true)
    page.advance(500)
    ;(await call(2)).emit(numbered(2, 'One', DONE))
    expect(await result).toMatchObject({ outcome: 'complete' })
  })

  it('asks nothing more of a run that is over', async () => {
    const { calls, call, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'), { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
    await settle()
    calls[0]!.end() // no [DONE]: some upstreams end so
    ;(await call(1)).head(204, {}, undefined)
    expect(await result).toMatchObject({ outcome: 'length', text: 'One' })
  })

  it('is truncated where the run is over and never said so', async () => {
    const { calls, call, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    calls[0]!.end()
    ;(await call(1)).head(204, {}, undefined)
    expect(await result).toMatchObject({ outcome: 'truncated', text: 'One' })
  })

  it.each([[404, 'run_not_found'], [410, 'run_expired'], [503, 'log_lost']])('fails with what the relay says: %i %s', async (status, code) => {
    const { calls, call, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    calls[0]!.end()
    ;(await call(1)).head(status, { 'content-type': 'application/json' }, JSON.stringify({ error: { code, message: 'No.', status, retryable: status === 503 } }))
    expect(await result).toMatchObject({ outcome: 'failed', text: 'One', error: { code } })
    expect(calls).toHaveLength(2)
  })

  it('is tried again while the relay is away', async () => {
    const { calls, call, page, result } = await begin()
    calls[0]!.end()
    ;(await call(1)).head(503, { 'content-type': 'application/json' }, JSON.stringify({ error: { code: 'resume_unavailable', message: 'No.', status: 503, retryable: true, retryAfterMs: 700 } }))
    await settle()
    page.advance(699)
    await settle()
    expect(calls).toHaveLength(2)
    page.advance(1)
    ;(await call(2)).emit(numbered(2, 'One', DONE))
    expect(await result).toMatchObject({ outcome: 'complete' })
  })

  it('repeats no answer that is wrong in itself', async () => {
    const { calls, result } = await begin()
    calls[0]!.emit(new TextEncoder().encode('id: 2\ndata: {oops\n\n'))
    expect(await result).toMatchObject({ outcome: 'failed', error: { code: 'protocol_error' } })
    expect(calls).toHaveLength(1)
  })

  it('never posts again, whatever becomes of the run', async () => {
    const { calls, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'), new TextEncoder().encode('event: error\ndata: {"error":{"code":"producer_lost","message":"Gone.","status":503,"retryable":true}}\n\n'))
    expect(await result).toMatchObject({ outcome: 'failed', text: 'One', error: { code: 'producer_lost' } })
    expect(calls).toHaveLength(1)
  })

  it('ends a run that the relay does not keep, with a warning', async () => {
    const { stream, calls, warnings } = open()
    const result = stream.start('Hi')
    await loaded(() => calls.length > 0)
    calls[0]!.emit('One')
    await settle()
    calls[0]!.end()
    expect(await result).toMatchObject({ outcome: 'truncated', text: 'One' })
    expect(calls).toHaveLength(1)
    expect(warnings).toEqual([expect.stringContaining('`llmStream.resume`')])
  })
})

describe('stop()', () => {
  it('ends the run for good, even while the connection is lost', async () => {
    const { stream, calls, call, page, network, result } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    calls[0]!.fail()
    await settle()
    stream.stop()
    expect(await result).toMatchObject({ outcome: 'stopped', text: 'One' })
    expect(await call(1)).toMatchObject({ url: `/api/llm/streams/${RUN}`, method: 'DELETE', keepalive: true })
    page.advance(60_000)
    await settle()
    expect(calls).toHaveLength(2)
    expect({ ...page.pending, listeners: page.pending.listeners + network.listeners }).toEqual({ timers: 0, frames: 0, listeners: 0 })
  })
})

describe('disconnect() and resume()', () => {
  it('leave a run going, and come back to it without a flicker', async () => {
    const heard: string[] = []
    const { stream, calls, call, shown, written, result } = await begin({ hooks: { onText: text => heard.push(text), onFinish: () => heard.push('end') } })
    calls[0]!.emit(numbered(2, 'One ', 'two '))
    await settle()
    stream.disconnect()
    expect(await result).toMatchObject({ outcome: null, text: 'One two ' })
    expect(shown()).toMatchObject({ phase: 'ready', runId: RUN, result: { text: 'One two ' } })
    expect(calls[0]!.cancelled).toBe(true)
    const before = written.length

    const resumed = stream.resume()
    const second = await call(1)
    expect(second).toMatchObject({ url: `/api/llm/streams/${RUN}`, headers: { 'last-event-id': '0' } })
    second.emit(numbered(2, 'One '))
    await settle()
    second.emit(numbered(3, 'two '))
    await settle()
    second.emit(numbered(4, 'three', DONE))
    expect(await resumed).toMatchObject({ outcome: 'complete', text: 'One two three' })
    expect(written.slice(before).map(({ phase, result: { text } }) => `${phase}: ${text}`)).toEqual([
      'streaming: One two ', 'streaming: One two three', 'complete: One two three',
    ])
    expect(heard).toEqual(['One ', 'two ', 'three', 'end'])
  })

  it('tell who listens from now on what is new, and not what was there before', async () => {
    const hooks: StreamHooks = {}
    const { stream, calls, call } = await begin({ hooks })
    calls[0]!.emit(numbered(2, 'One ', 'two '))
    await settle()
    stream.disconnect()
    const resumed = stream.resume()
    const heard: string[] = []
    const second = await call(1)
    second.emit(numbered(2, 'One '))
    await settle()
    hooks.onText = text => heard.push(text)
    second.emit(numbered(3, 'two ', 'three', DONE))
    await resumed
    expect(heard).toEqual(['three'])
  })

  it('keep what is shown when coming back fails', async () => {
    const { stream, calls, call, page, shown } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    stream.disconnect()
    const resumed = stream.resume()
    for (let tries = 1; tries <= 5; tries++) {
      ;(await call(tries)).fail()
      await settle()
      page.advance(5_000)
    }
    expect(await resumed).toMatchObject({ outcome: 'failed', text: 'One', error: { code: 'network_error' } })
    expect(shown()).toMatchObject({ phase: 'failed', result: { text: 'One' } })
  })

  it('give null for a run that is gone, and leave what is shown alone', async () => {
    const { stream, calls, call, written } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    stream.disconnect()
    const before = written.length
    const resumed = stream.resume()
    ;(await call(1)).head(404, { 'content-type': 'application/json' }, JSON.stringify({ error: { code: 'run_not_found', message: 'No.', status: 404, retryable: false } }))
    expect(await resumed).toBeNull()
    expect(written).toHaveLength(before)
  })

  it('show a run of another tab by its id, from its start', async () => {
    const { stream, calls, shown } = open()
    const resumed = stream.resume('BBBBBBBBBBBBBBBBBBBBBB')
    await loaded(() => calls.length > 0)
    expect(calls[0]!.url).toBe('/api/llm/streams/BBBBBBBBBBBBBBBBBBBBBB')
    calls[0]!.head()
    await settle()
    expect(shown()).toMatchObject({ phase: 'submitted', runId: 'BBBBBBBBBBBBBBBBBBBBBB' })
    calls[0]!.emit(numbered(2, 'Hello', DONE))
    expect(await resumed).toMatchObject({ outcome: 'complete', text: 'Hello' })
  })

  it('give the run that is under way to whoever asks for it again', async () => {
    const { stream, calls, result } = await begin()
    const again = stream.resume()
    calls[0]!.emit(numbered(2, 'One', DONE))
    expect(await again).toEqual(await result)
    expect(calls).toHaveLength(1)
  })

  it('take it for the same run when its id is named before the relay has answered, and stop nothing', async () => {
    const { stream, calls } = open({ memory: createMemory({ runId: RUN, protocol: 'chat' }) })
    const found = [stream.resume(), stream.resume(RUN)]
    await loaded(() => calls.length > 0)
    calls[0]!.head(404, { 'content-type': 'application/json' }, JSON.stringify({ error: { code: 'run_not_found', message: 'No.', status: 404, retryable: false } }))
    expect(await Promise.all(found)).toEqual([null, null])
    expect(calls).toHaveLength(1)
  })

  it('leave retry() to the last request that was sent', async () => {
    const { stream, calls, call } = await begin()
    calls[0]!.emit(numbered(2, 'One'))
    await settle()
    stream.disconnect()
    const resumed = stream.resume()
    ;(await call(1)).emit(numbered(2, 'One', DONE))
    await resumed
    void stream.retry()
    expect(await call(2)).toMatchObject({ method: 'POST', body: { messages: [{ content: 'Hi' }] } })
    stream.stop()
  })
})

describe('a tab that remembers', () => {
  it('keeps a run in mind until its outcome', async () => {
    const memory = createMemory()
    const { calls, result } = await begin({ memory })
    expect(memory.run).toEqual({ runId: RUN, protocol: 'chat' })
    calls[0]!.emit(numbered(2, 'One', DONE))
    await result
    expect(memory.run).toBeUndefined()
  })

  it('keeps one in mind that was left', async () => {
    const memory = createMemory()
    const { stream } = await begin({ memory })
    stream.disconnect()
    expect(memory.run).toEqual({ runId: RUN, protocol: 'chat' })
  })

  it('resumes it after a reload, in the protocol that it speaks', async () => {
    const memory = createMemory({ runId: RUN, protocol: 'messages' })
    const { stream, calls } = open({ memory })
    const resumed = stream.resume()
    await loaded(() => calls.length > 0)
    calls[0]!.head()
    const message = (number: number, type: string, rest: object) => new TextEncoder().encode(`id: ${number}\nevent: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`)
    calls[0]!.emit(
      message(2, 'message_start', { message: { id: 'm', model: 'claude', content: [], usage: {} } }),
      message(3, 'content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      message(4, 'content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hello' } }),
      message(5, 'content_block_stop', { index: 0 }),
      message(6, 'message_delta', { delta: { stop_reason: 'end_turn' }, usage: {} }),
      message(7, 'message_stop', {}),
    )
    expect(await resumed).toMatchObject({ outcome: 'complete', text: 'Hello' })
    expect(memory.run).toBeUndefined()
  })

  it('forgets one that is gone', async () => {
    const memory = createMemory({ runId: RUN, protocol: 'chat' })
    const { stream, calls } = open({ memory })
    const resumed = stream.resume()
    await loaded(() => calls.length > 0)
    calls[0]!.head(404, { 'content-type': 'application/json' }, JSON.stringify({ error: { code: 'run_not_found', message: 'No.', status: 404, retryable: false } }))
    expect(await resumed).toBeNull()
    expect(memory.run).toBeUndefined()
  })

  it('has nothing to come back to at first', async () => {
    const { stream, calls, written } = open({ memory: createMemory() })
    expect(await stream.resume()).toBeNull()
    expect(calls).toHaveLength(0)
    expect(written).toHaveLength(0)
  })
})
