import { describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../../src/runtime/app/run/launch'
import { createLiveFetch } from '../../support/live-fetch'
import { openTestStream, settle } from '../../support/stream'

describe('two starts in one tick', () => {
  it('replace: the first one ends stopped and silent, and nothing late of it is shown', async () => {
    const onFinish = vi.fn()
    const onText = vi.fn()
    const { stream, calls, written } = openTestStream({ concurrency: 'replace', hooks: { onFinish, onText } })
    const first = stream.start('One')
    const second = stream.start('Two')
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await first).toMatchObject({ outcome: 'stopped' })
    calls[1]!.emit('two')
    calls[1]!.finish()
    expect(await second).toMatchObject({ outcome: 'complete', text: 'two' })
    expect(written.at(-1)?.result.text).toBe('two')
    expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: 'two' }))
    expect(onText.mock.calls).toEqual([['two']])
  })

  it('replace: shows nothing of an older run that still has bytes to read', async () => {
    const { stream, calls, page, written } = openTestStream()
    void stream.start('One')
    calls[0]!.emit('old')
    await settle()
    calls[0]!.emit('older', 'oldest')
    void stream.start('Two')
    const after = written.length
    await settle()
    page.paint()
    expect(written.slice(after - 1).map(({ result }) => result.text)).toEqual([''])
    stream.stop()
  })

  it('queue: one after the other, in order', async () => {
    const { stream, calls } = openTestStream({ concurrency: 'queue' })
    const runs = ['One', 'Two', 'Three'].map(text => stream.start(text))
    for (const [index, run] of runs.entries()) {
      expect(calls).toHaveLength(index + 1)
      calls[index]!.emit(`answer ${index}`)
      calls[index]!.finish()
      expect(await run).toMatchObject({ outcome: 'complete', text: `answer ${index}` })
    }
  })

  it('queue: stop ends the one that runs and those that wait, none of which is sent', async () => {
    const onFinish = vi.fn()
    const { stream, calls } = openTestStream({ concurrency: 'queue', hooks: { onFinish } })
    const runs = ['One', 'Two', 'Three'].map(text => stream.start(text))
    stream.stop()
    expect((await Promise.all(runs)).map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped', 'stopped'])
    expect(calls).toHaveLength(1)
    expect(onFinish).toHaveBeenCalledOnce()
  })

  it('reject: the second fails as busy, what is shown stays, and nothing more is sent', async () => {
    const hooks = { onError: vi.fn(), onFinish: vi.fn() }
    const { stream, calls, written } = openTestStream({ concurrency: 'reject', hooks })
    const first = stream.start('One')
    const before = written.length
    expect(await stream.start('Two')).toMatchObject({ outcome: 'failed', error: { code: 'busy', retryable: true } })
    expect(written).toHaveLength(before)
    expect(calls).toHaveLength(1)
    expect(hooks.onError).not.toHaveBeenCalled()
    calls[0]!.finish()
    expect(await first).toMatchObject({ outcome: 'complete' })
  })
})

describe('retry()', () => {
  it('fails when there was no request yet', async () => {
    const { stream, written } = openTestStream()
    expect(await stream.retry()).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request', message: expect.stringContaining('start()') as string } })
    expect(written.at(-1)?.phase).toBe('failed')
  })

  it('sends the last request again, and clears what is shown', async () => {
    const { stream, calls, written } = openTestStream()
    const run = stream.start({ messages: [{ role: 'user', content: 'Hi' }], seed: 7 })
    calls[0]!.emit('a')
    calls[0]!.end()
    await run
    void stream.retry()
    expect(calls[1]!.body).toEqual(calls[0]!.body)
    expect(written.at(-1)).toMatchObject({ phase: 'submitted', result: { text: '', error: null, outcome: null } })
    stream.stop()
  })
})

describe('reset()', () => {
  it('stops the run, empties what is shown, and nothing comes back', async () => {
    const { stream, calls, page, written } = openTestStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    calls[0]!.emit('b')
    stream.reset()
    expect(await run).toMatchObject({ outcome: 'stopped', text: 'a' })
    const after = written.length
    await settle()
    page.paint()
    page.advance(10_000)
    expect(written).toHaveLength(after)
    expect(written.at(-1)).toMatchObject({ phase: 'ready', result: { text: '', outcome: null }, timing: { events: 0 } })
    expect(await stream.retry()).toMatchObject({ error: { code: 'invalid_request' } })
  })
})

describe('disconnect()', () => {
  it('stops a run that cannot be resumed', async () => {
    const { stream, calls } = openTestStream()
    const run = stream.start('Hi')
    stream.disconnect()
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped' })
  })

  it('leaves a run that can be resumed: ready, its text kept, no hook called, outcome null', async () => {
    const hooks = { onFinish: vi.fn(), onError: vi.fn() }
    const stop = vi.fn()
    const { fetch, calls } = createLiveFetch()
    const { stream, written } = openTestStream({
      hooks,
      connection: { open: signal => fetch('/api/llm/chat/completions', { body: '{}', signal }), runId: 'AAAAAAAAAAAAAAAAAAAAAA', stop },
    })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await settle()
    stream.disconnect()
    expect(await run).toMatchObject({ outcome: null, text: 'a' })
    expect(written.at(-1)).toMatchObject({ phase: 'ready', runId: 'AAAAAAAAAAAAAAAAAAAAAA', result: { text: 'a', outcome: null } })
    expect(hooks.onFinish).not.toHaveBeenCalled()
    expect(stop).not.toHaveBeenCalled()
    expect(calls[0]!.signal.aborted).toBe(true)
  })
})

it('starts nothing any more once it is disposed', async () => {
  const { stream, calls } = openTestStream()
  stream.dispose()
  expect(await stream.start('Hi')).toMatchObject({ outcome: 'stopped' })
  expect(calls).toHaveLength(0)
})

describe('before its code is loaded', () => {
  it('is submitted, and sends nothing until the code is there', async () => {
    let arrive!: () => void
    const loading = new Promise<void>((resolve) => { arrive = resolve })
    const test = openTestStream({ load: () => loading.then(() => test.engine) })
    const run = test.stream.start('Hi')
    await settle()
    expect(test.written.at(-1)?.phase).toBe('submitted')
    expect(test.calls).toHaveLength(0)
    arrive()
    await settle()
    test.calls[0]!.emit('a')
    test.calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a' })
  })

  it('can be stopped: then nothing is ever sent', async () => {
    const onFinish = vi.fn()
    let arrive!: () => void
    const loading = new Promise<void>((resolve) => { arrive = resolve })
    const test = openTestStream({ load: () => loading.then(() => test.engine), hooks: { onFinish } })
    const run = test.stream.start('Hi')
    test.stream.stop()
    expect(await run).toMatchObject({ outcome: 'stopped' })
    expect(test.written.at(-1)?.phase).toBe('stopped')
    expect(onFinish).toHaveBeenCalledOnce()
    arrive()
    await settle()
    expect(test.calls).toHaveLength(0)
  })

  it('fails when the code cannot be loaded, and asks for it again with the next start', async () => {
    const load = vi.fn<() => Promise<Engine>>(() => Promise.reject(new TypeError('Failed to fetch dynamically imported module')))
    const test = openTestStream({ load })
    expect(await test.stream.start('Hi')).toMatchObject({ outcome: 'failed', error: { code: 'network_error', retryable: true } })
    load.mockResolvedValue(test.engine)
    const run = test.stream.retry()
    await settle()
    test.calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete' })
    expect(load).toHaveBeenCalledTimes(3) // ahead of time, and with each start
  })
})
