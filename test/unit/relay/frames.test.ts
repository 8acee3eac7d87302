import { describe, expect, it } from 'vitest'
import type { Frame } from '../../../src/runtime/server/relay/frames'
import { createFrameScanner } from '../../../src/runtime/server/relay/frames'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

interface Seen { sent: string, data: string, lines: number, name: string, error?: string }

function scan(chunks: Uint8Array[], eventBytes = 1024 * 1024): Seen[] {
  const seen: Seen[] = []
  const scanner = createFrameScanner({ frame(frame) { seen.push(read(frame)); return true } }, eventBytes)
  for (const chunk of chunks) scanner.push(chunk)
  scanner.end()
  return seen
}

function read(frame: Frame): Seen {
  const text = (start: number, end: number) => decoder.decode(frame.bytes.subarray(start, end))
  return {
    sent: text(frame.start, frame.end),
    data: frame.dataLines ? text(frame.dataStart, frame.dataEnd) : '',
    lines: frame.dataLines,
    name: text(frame.nameStart, frame.nameEnd),
    ...(frame.errorField && { error: decoder.decode(frame.errorField) }),
  }
}

/** Every way to cut a body in two, every byte alone, and all of it at once. */
function* cuts(text: string): Generator<Uint8Array[]> {
  const bytes = encoder.encode(text)
  yield [bytes]
  yield Array.from(bytes, byte => Uint8Array.of(byte))
  for (let at = 1; at < bytes.length; at++) yield [bytes.slice(0, at), bytes.slice(at)]
}

const cases: { title: string, body: string, expected: Seen[] }[] = [
  {
    title: 'forwards events with data and name as they are',
    body: 'event: a\ndata: {"x":1}\n\ndata:{"y":"ü😀"}\n\n',
    expected: [
      { sent: 'event: a\ndata: {"x":1}\n\n', data: '{"x":1}', lines: 1, name: 'a' },
      { sent: 'data:{"y":"ü😀"}\n\n', data: '{"y":"ü😀"}', lines: 1, name: '' },
    ],
  },
  {
    title: 'drops comments, ids, retry lines and unknown fields, wherever they stand',
    body: ': hello\n\n:\nid: 7\ndata: 1\nretry: 0\nfoo: bar\ndatax: 2\n: inside\nevent: b\ndata\n\nid: 8\n\nevent: nothing\n\n',
    expected: [{ sent: 'data: 1\nevent: b\ndata\n\n', data: '1', lines: 2, name: 'b' }],
  },
  {
    title: 'drops a byte order mark, but only at the start',
    body: '\uFEFFdata: 1\n\n\uFEFFdata: 2\n\ndata: \uFEFF3\n\n',
    expected: [{ sent: 'data: 1\n\n', data: '1', lines: 1, name: '' }, { sent: 'data: \uFEFF3\n\n', data: '\uFEFF3', lines: 1, name: '' }],
  },
  {
    title: 'reports a field named error, and sends nothing of it',
    body: 'error: {"code":400}\n\ndata: [DONE]\n\n',
    expected: [
      { sent: '', data: '', lines: 0, name: '', error: '{"code":400}' },
      { sent: 'data: [DONE]\n\n', data: '[DONE]', lines: 1, name: '' },
    ],
  },
  {
    title: 'completes an unfinished [DONE]',
    body: 'data: 1\n\n: x\ndata: [DONE]',
    expected: [{ sent: 'data: 1\n\n', data: '1', lines: 1, name: '' }, { sent: 'data: [DONE]\n\n', data: '[DONE]', lines: 1, name: '' }],
  },
  {
    title: 'drops any other unfinished event',
    body: 'data: 1\n\ndata: 2\n',
    expected: [{ sent: 'data: 1\n\n', data: '1', lines: 1, name: '' }],
  },
]

describe.each(cases)('the frame scanner $title', ({ body, expected }) => {
  it.each([['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']])('with %s, cut at every byte', (_, lineEnd) => {
    for (const chunks of cuts(body.replaceAll('\n', lineEnd))) expect(scan(chunks)).toEqual(expected)
  })
})

it('leaves events that can be sent as they are in the chunk', () => {
  const chunk = encoder.encode(': note\n\ndata: 1\n\nevent: a\ndata: 2\n\n')
  const slices: [boolean, number, number][] = []
  const scanner = createFrameScanner({ frame({ bytes, start, end }) { slices.push([bytes === chunk, start, end]); return true } }, 1000)
  scanner.push(chunk)
  expect(slices).toEqual([[true, 8, 17], [true, 17, 35]])
})

it('reads nothing after an event that its owner says is the last', () => {
  let count = 0
  const scanner = createFrameScanner({ frame() { count++; return false } }, 1000)
  scanner.push(encoder.encode('data: 1\n\ndata: 2\n\n'))
  scanner.push(encoder.encode('data: 3\n\n'))
  scanner.end()
  expect(count).toBe(1)
})

it('refuses an event over the limit, in one chunk or many, and keeps no more of it than that', () => {
  const tooLarge = expect.objectContaining({ code: 'event_too_large' })
  expect(() => scan([encoder.encode(`data: ${'x'.repeat(100)}\n\n`)], 100)).toThrow(tooLarge)
  expect(() => scan(Array.from({ length: 20 }, () => encoder.encode('data: xxxx\n')), 100)).toThrow(tooLarge)
  expect(scan([encoder.encode(`: ${'x'.repeat(60)}`), encoder.encode(`${'x'.repeat(60)}\ndata: 1\n\n`)], 100)).toHaveLength(1)
})
