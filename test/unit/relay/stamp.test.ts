import { expect, it } from 'vitest'
import { stampFrames } from '../../../src/runtime/server/relay/stamp'

const stamp = (frames: string, first: number, after?: number) => {
  const { bytes, count } = stampFrames(new TextEncoder().encode(frames), first, after)
  return [new TextDecoder().decode(bytes), count]
}

it('puts a number before each frame', () => {
  expect(stamp('data: a\n\nevent: b\ndata: ä\n\ndata:\ndata: c\n\n', 9)).toEqual([
    'id: 9\ndata: a\n\nid: 10\nevent: b\ndata: ä\n\nid: 11\ndata:\ndata: c\n\n', 3,
  ])
})

it('leaves out what a viewer has', () => {
  const frames = 'data: a\n\ndata: b\n\ndata: c\n\n'
  expect(stamp(frames, 2, 0)).toEqual(['id: 2\ndata: a\n\nid: 3\ndata: b\n\nid: 4\ndata: c\n\n', 3])
  expect(stamp(frames, 2, 2)).toEqual(['id: 3\ndata: b\n\nid: 4\ndata: c\n\n', 3])
  expect(stamp(frames, 2, 4)).toEqual(['', 3])
  expect(stamp(frames, 2, 99)).toEqual(['', 3])
})

it.each([1, 9, 10, 99, 100, 1_000, 999_999_999_999_999])('writes the number %i', (number) => {
  expect(stamp('data: a\n\n', number)).toEqual([`id: ${number}\ndata: a\n\n`, 1])
})

it('takes nothing for nothing', () => {
  expect(stamp('', 2)).toEqual(['', 0])
})
