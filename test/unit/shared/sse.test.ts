import { describe, expect, it } from 'vitest'
import { createSseReader, formatFrame } from '../../../src/runtime/shared/sse'
import type { SseMessage } from '../../../src/runtime/shared/sse'
import { framingFixtures, streamFixtures } from '../../contracts/fixtures'
import { cutAt, everyByte } from '../../contracts/wire-bytes'

function messagesOf(chunks: Iterable<Uint8Array>, eventBytes?: number): SseMessage[] {
  const messages: SseMessage[] = []
  const reader = createSseReader(message => messages.push(message), { eventBytes })
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  return plain(messages)
}

/** Without the fields that are there but undefined. */
function plain(messages: SseMessage[]): SseMessage[] {
  return JSON.parse(JSON.stringify(messages)) as SseMessage[]
}

const encode = (text: string) => new TextEncoder().encode(text)

describe('framing', () => {
  it.each(framingFixtures())('finds the messages of $name', ({ bytes, messages }) => {
    expect(messagesOf([bytes])).toEqual(messages)
    expect(messagesOf(everyByte(bytes))).toEqual(messages)
  })

  it.each([...framingFixtures(), ...streamFixtures('messages').slice(0, 5)])('finds them in $name wherever it is cut in two', ({ bytes }) => {
    const messages = messagesOf([bytes])
    for (let place = 1; place < bytes.length; place++) expect(messagesOf(cutAt(bytes, [place]))).toEqual(messages)
  })

  it('gives a message as soon as its blank line is there, whatever ends the line', () => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const messages: SseMessage[] = []
      const reader = createSseReader(message => messages.push(message))
      reader.push(encode(`data: 1${lineEnd}${lineEnd}`))
      expect(messages).toHaveLength(1)
    }
  })

  it('reads back the frames that it writes', () => {
    const messages = [{ data: 'one' }, { event: 'error', data: '{"a":1}', id: '7' }, { data: 'two\nlines' }, { data: '' }]
    expect(messagesOf([encode(messages.map(formatFrame).join(''))])).toEqual(messages)
  })
})

describe('the limit on one event', () => {
  const frame = (data: string) => encode(`data: ${data}\n\n`)
  const pieces = (bytes: Uint8Array) => cutAt(bytes, Array.from({ length: bytes.length / 100 }, (_, index) => index * 100))

  it('lets an event through that is as large as allowed, whole or in pieces', () => {
    const bytes = frame('é'.repeat(500))
    expect(messagesOf([bytes], 1000)).toHaveLength(1)
    expect(messagesOf(pieces(bytes), 1000)).toHaveLength(1)
  })

  it('refuses an event with one byte more, whole or in pieces', () => {
    const bytes = frame(`${'é'.repeat(500)}x`)
    expect(() => messagesOf([bytes], 1000)).toThrow(expect.objectContaining({ code: 'event_too_large' }))
    expect(() => messagesOf(pieces(bytes), 1000)).toThrow(expect.objectContaining({ code: 'event_too_large' }))
  })

  it('refuses an event that never ends once it is too large', () => {
    const reader = createSseReader(() => {}, { eventBytes: 1000 })
    reader.push(encode('data: '))
    expect(() => { for (let sent = 0; sent < 2000; sent += 100) reader.push(encode('x'.repeat(100))) })
      .toThrow(expect.objectContaining({ code: 'event_too_large', status: 502 }))
  })

  it('counts all lines of an event together', () => {
    const bytes = encode(`${'data: 123456789\n'.repeat(101)}\n`)
    expect(messagesOf([bytes], 1010)).toHaveLength(1)
    expect(() => messagesOf([bytes], 1000)).toThrow(expect.objectContaining({ code: 'event_too_large' }))
  })
})
