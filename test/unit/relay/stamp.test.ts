import { describe, expect, it } from 'vitest'
import { skipFrames, Stamper } from '../../../src/runtime/server/relay/stamp'

const encode = (text: string) => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('stamping frames', () => {
  it('puts a number before each frame, the first one behind the head of the log', () => {
    const stamper = new Stamper()
    expect(decode(stamper.stamp([encode('data: a\n\nevent: b\ndata: ä\n\ndata:\ndata: c\n\n')], [3]))).toBe(
      'id: 2\ndata: a\n\nid: 3\nevent: b\ndata: ä\n\nid: 4\ndata:\ndata: c\n\n',
    )
    expect(decode(stamper.stamp([encode('data: d\n\n')], [1]))).toBe('id: 5\ndata: d\n\n')
    expect(stamper.last).toBe(5)
  })

  it.each([1, 9, 10, 99, 100, 1_000, 999_999_999_999_999])('writes the number %i', (number) => {
    const stamper = new Stamper(number)
    expect(decode(stamper.stamp([encode('data: a\n\n')], [1]))).toBe(`id: ${number}\ndata: a\n\n`)
  })

  it('counts with numbers of any length in one piece', () => {
    const stamper = new Stamper()
    const stamped = decode(stamper.stamp([encode('data:\n\n'.repeat(1_200))], [1_200]))
    expect(stamped).toBe(Array.from({ length: 1_200 }, (_, index) => `id: ${index + 2}\ndata:\n\n`).join(''))
  })

  it('joins pieces of several frames or one', () => {
    const stamper = new Stamper()
    const pieces = ['data: a\n\ndata: b\n\n', 'data: c\n\n', 'data: d\n\ndata: e\n\n'].map(encode)
    expect(decode(stamper.stamp(pieces, [2, 1, 2]))).toBe('id: 2\ndata: a\n\nid: 3\ndata: b\n\nid: 4\ndata: c\n\nid: 5\ndata: d\n\nid: 6\ndata: e\n\n')
    expect(stamper.last).toBe(6)
  })

  it('never writes again where a piece lies, and puts small ones side by side', () => {
    const stamper = new Stamper()
    const frames = Array.from({ length: 500 }, (_, index) => `data: ${'x'.repeat(index * 37 % 3_000)}\n\n`)
    const pieces = frames.map(frame => stamper.stamp([encode(frame)], [1]))
    expect(pieces.map(decode)).toEqual(frames.map((frame, index) => `id: ${index + 2}\n${frame}`))
    expect(pieces[1]!.buffer).toBe(pieces[0]!.buffer)
    expect(pieces[1]!.byteOffset).toBe(pieces[0]!.length)
  })
})

it('leaves out what a viewer has', () => {
  const frames = encode('id: 2\ndata: a\n\nid: 3\ndata: b\n\nid: 4\ndata: c\n\n')
  expect(skipFrames(frames, -1)).toBe(frames)
  expect(skipFrames(frames, 0)).toBe(frames)
  expect(decode(skipFrames(frames, 1))).toBe('id: 3\ndata: b\n\nid: 4\ndata: c\n\n')
  expect(decode(skipFrames(frames, 2))).toBe('id: 4\ndata: c\n\n')
  expect(skipFrames(frames, 3)).toHaveLength(0)
  expect(skipFrames(frames, 99)).toHaveLength(0)
})
