import { describe, expect, it, vi } from 'vitest'
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
      connect: () => ({ open: signal => fetch('/api/llm/chat/completions', { body: '{}', signal }), runId: 'AAAAAAAAAAAAAAAAAAAAAA', stop }),
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
