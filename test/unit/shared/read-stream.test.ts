import { describe, expect, it } from 'vitest'
import { StreamError } from '../../../src/runtime/shared/errors'
import { collectStream, readStream } from '../../../src/runtime/shared/read-stream'
import type { ReadStreamOptions } from '../../../src/runtime/shared/read-stream'
import { bodyOf } from '../../contracts/wire-bytes'

const encode = (text: string) => new TextEncoder().encode(text)
const frame = (delta: object, finish_reason: string | null = null) => encode(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`)
const DONE = encode('data: [DONE]\n\n')

/** A body that goes on for ever and says how it ended. */
function endless(...chunks: Uint8Array[]) {
  let cancelled = 0
  const body = new ReadableStream<Uint8Array>({
    start: controller => chunks.forEach(chunk => controller.enqueue(chunk)),
    cancel: () => void cancelled++,
  })
  return { body, cancelled: () => cancelled }
}

const collect = (chunks: Uint8Array[], options?: Partial<ReadStreamOptions>) => collectStream(bodyOf(chunks), { protocol: 'chat', ...options })

describe('a body', () => {
  it('is cancelled at the terminal, without waiting for its end', async () => {
    const { body, cancelled } = endless(frame({ content: 'Hi' }), DONE)
    expect(await collectStream(body, { protocol: 'chat' })).toMatchObject({ text: 'Hi', outcome: 'complete' })
    expect(cancelled()).toBe(1)
  })

  it('is cancelled when the loop over its events is left', async () => {
    const { body, cancelled } = endless(frame({ content: 'Hi' }))
    for await (const { type } of readStream(body, { protocol: 'chat' })) if (type === 'text-delta') break
    expect(cancelled()).toBe(1)
    expect(body.locked).toBe(false)
  })

  it('gives its events as they arrive', async () => {
    let enqueue!: (chunk: Uint8Array) => void
    const body = new ReadableStream<Uint8Array>({ start(controller) { enqueue = chunk => controller.enqueue(chunk) } })
    const events = readStream(body, { protocol: 'chat' })
    enqueue(frame({ content: 'Hi' }))
    expect((await events.next()).value).toMatchObject({ type: 'text-start' })
    expect((await events.next()).value).toMatchObject({ type: 'text-delta', delta: 'Hi' })
    await events.return()
  })

  it('is cancelled while its next event is awaited', async () => {
    const { body, cancelled } = endless()
    const events = readStream(body, { protocol: 'chat' })
    const pending = events.next()
    await Promise.resolve() // the body is opened
    await events.return()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(cancelled()).toBe(1)
  })

  it('is left alone by a loop that never began', async () => {
    const { body, cancelled } = endless()
    await readStream(body, { protocol: 'chat' }).return()
    expect(cancelled()).toBe(0)
    expect(body.locked).toBe(false)
  })

  it('gives each event once to callers that do not wait for each other', async () => {
    const events = readStream(bodyOf([frame({ content: 'a' }), frame({ content: 'b' }, 'stop')]), { protocol: 'chat' })
    const all = await Promise.all(Array.from({ length: 7 }, () => events.next()))
    expect(all.map(({ value }) => value?.type)).toEqual(['text-start', 'text-delta', 'text-delta', 'text-end', 'finish', 'end', undefined])
  })

  it('may be any async iterable of bytes', async () => {
    async function* chunks() { yield frame({ content: 'Hi' }, 'stop') }
    expect(await collectStream(chunks(), { protocol: 'chat' })).toMatchObject({ text: 'Hi', outcome: 'complete' })
  })

  it('may be missing, which is an answer that broke off', async () => {
    expect(await collectStream(null, { protocol: 'chat' })).toMatchObject({ outcome: 'truncated', error: { code: 'upstream_truncated' } })
  })

  it.each(['responses', 'messages'] as const)('of %s is read after its decoder is loaded', async (protocol) => {
    expect(await collectStream(bodyOf([encode('event: error\ndata: {"type":"error","message":"no"}\n\n')]), { protocol })).toMatchObject({ outcome: 'failed', error: { message: 'no' } })
  })
})

describe('a connection that breaks', () => {
  const breaking = (error: unknown, ...chunks: Uint8Array[]) => new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.error(error)
    },
  })

  it('is a network error, and leaves the text so far', async () => {
    const cause = new TypeError('terminated')
    const result = await collectStream(breaking(cause, frame({ content: 'Hi' })), { protocol: 'chat' })
    expect(result).toMatchObject({ text: 'Hi', outcome: 'failed', error: { code: 'network_error', retryable: true, cause } })
  })

  it('after the finish reason does no harm', async () => {
    const result = await collectStream(breaking(new TypeError('terminated'), frame({ content: 'Hi' }, 'stop')), { protocol: 'chat' })
    expect(result).toMatchObject({ text: 'Hi', outcome: 'complete', error: null })
  })

  it('because its reader was aborted is a stop', async () => {
    const result = await collectStream(breaking(new DOMException('Aborted', 'AbortError'), frame({ content: 'Hi' })), { protocol: 'chat' })
    expect(result).toMatchObject({ text: 'Hi', outcome: 'stopped' })
  })

  it('with an error of ours keeps it', async () => {
    const error = new StreamError({ code: 'idle_timeout', message: 'Nothing came.' })
    expect(await collectStream(breaking(error), { protocol: 'chat' })).toMatchObject({ outcome: 'failed', error })
  })
})

describe('limits', () => {
  const sizes = [1, 7, 1000]
  const cut = (bytes: Uint8Array, size: number) => Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size))

  it.each(sizes)('end an answer at streamBytes, with what fitted, in chunks of %i bytes', async (size) => {
    const first = frame({ content: 'Hi' })
    const bytes = new Uint8Array([...first, ...frame({ content: ' there' }), ...DONE])
    expect(await collect(cut(bytes, size), { limits: { streamBytes: first.length } })).toMatchObject({ text: 'Hi', outcome: 'failed', error: { code: 'stream_limit' } })
    expect(await collect(cut(bytes, size), { limits: { streamBytes: bytes.length } })).toMatchObject({ text: 'Hi there', outcome: 'complete' })
  })

  it.each(sizes)('end an answer at an event over eventBytes, in chunks of %i bytes', async (size) => {
    const bytes = new Uint8Array([...frame({ content: 'Hi' }), ...frame({ content: 'x'.repeat(2000) }), ...DONE])
    expect(await collect(cut(bytes, size), { limits: { eventBytes: 1000 } })).toMatchObject({ text: 'Hi', outcome: 'failed', error: { code: 'event_too_large' } })
  })

  it('let one event have a mebibyte, and no more', async () => {
    const content = (length: number) => [frame({ content: 'x'.repeat(length) }), DONE]
    expect(await collect(content(1_000_000))).toMatchObject({ outcome: 'complete' })
    expect(await collect(content(1_100_000))).toMatchObject({ error: { code: 'event_too_large' } })
  })

  it('on one event do not hold for a whole JSON answer', async () => {
    const answer = { object: 'chat.completion', choices: [{ index: 0, message: { content: 'x'.repeat(2000) }, finish_reason: 'stop' }] }
    expect(await collect([encode(JSON.stringify(answer))], { limits: { eventBytes: 1000 } })).toMatchObject({ outcome: 'complete' })
  })
})

it.each<[ReadStreamOptions['protocol'], object]>([
  ['chat', { object: 'chat.completion', choices: [{ index: 0, message: { content: 'Hi' } }] }],
  ['responses', { object: 'response', output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }] }],
  ['messages', { type: 'message', content: [{ type: 'text', text: 'Hi' }] }],
])('takes a JSON answer of %s as whole, though it gives no reason', async (protocol, answer) => {
  expect(await collect([encode(JSON.stringify(answer))], { protocol })).toMatchObject({ outcome: 'complete', text: 'Hi', error: null })
})

it('names what arrived instead of the protocol that was asked for', async () => {
  const { error } = await collect([encode('data: {"type":"message_start","message":{}}\n\n')])
  expect(error).toMatchObject({ code: 'protocol_mismatch', retryable: false, message: expect.stringContaining('\'messages\'') })
})

it('leaves Object.prototype alone', async () => {
  await collect([encode('data: {"__proto__":{"polluted":1},"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{\\"__proto__\\":{\\"polluted\\":1}}"}}]},"finish_reason":"tool_calls"}]}\n\n')])
  expect({}).not.toHaveProperty('polluted')
})
