import { describe, expect, it } from 'vitest'
import { Tape, type TapeReader } from '../../../src/runtime/server/relay/logs/tape'
import { Stamper } from '../../../src/runtime/server/relay/stamp'

const encode = (text: string) => new TextEncoder().encode(text)

/** A tape and a way to put frames on it as the relay does, small ones and large ones in turn. */
function begin() {
  const tape = new Tape()
  const stamper = new Stamper()
  const whole: string[] = []
  return {
    tape,
    whole,
    append(count: number) {
      for (let index = 0; index < count; index++) {
        const stamped = stamper.stamp([encode(`data: ${'x'.repeat(whole.length % 7 === 3 ? 5_000 : whole.length % 90)}\n\n`)])
        whole.push(new TextDecoder().decode(stamped))
        tape.append(stamped, 1)
      }
    },
  }
}

/** The frames that a reader still gets, and that its batches say so. */
function drain(next: TapeReader, cursor: number): string[] {
  const frames: string[] = []
  for (let batch = next(); batch; batch = next()) {
    const read = new TextDecoder().decode(batch.bytes).split(/(?<=\n\n)/)
    expect(read).toHaveLength(batch.last - batch.first + 1)
    frames.push(...read.slice(Math.max(0, cursor + 1 - batch.first)))
    cursor = batch.last
  }
  return frames
}

describe('a tape', () => {
  it('gives every frame behind any cursor, while it grows and once it is sealed', () => {
    const { tape, whole, append } = begin()
    append(100)
    for (let cursor = 0; cursor <= 101; cursor++) expect(drain(tape.reader(cursor), cursor)).toEqual(whole.slice(Math.max(0, cursor - 1)))
    tape.seal()
    for (let cursor = 0; cursor <= 101; cursor++) expect(drain(tape.reader(cursor), cursor)).toEqual(whole.slice(Math.max(0, cursor - 1)))
  })

  it('lets a reader follow from where it was', () => {
    const { tape, whole, append } = begin()
    const next = tape.reader(0)
    const seen: string[] = []
    for (let round = 0; round < 100; round++) {
      expect(next()).toBeUndefined()
      append(round % 5 + 1)
      if (round === 99) tape.seal()
      seen.push(...drain(next, seen.length + 1))
    }
    expect(seen).toEqual(whole)
  })

  it('gives a reader that is ahead of it nothing before it has passed', () => {
    const { tape, whole, append } = begin()
    const next = tape.reader(6)
    append(5)
    expect(next()).toBeUndefined()
    append(3)
    expect(drain(next, 6)).toEqual(whole.slice(5))
  })

  it('copies nothing, and weighs what it keeps from being freed', () => {
    const tape = new Tape()
    const stamper = new Stamper()
    const buffers = new Set<ArrayBufferLike>()
    for (let index = 0; index < 400; index++) {
      const stamped = stamper.stamp([encode(`data: ${'x'.repeat(index % 9 === 8 ? 3_000 : 100)}\n\n`)])
      buffers.add(stamped.buffer)
      tape.append(stamped, 1)
    }
    const bytes = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0)
    expect(tape.weight).toBeGreaterThan(bytes)
    expect(tape.weight).toBeLessThan(bytes * 1.2)
    const next = tape.reader(0)
    for (let batch = next(); batch; batch = next()) expect(buffers).toContain(batch.bytes.buffer)
  })

  it('gives room back when nothing more will come', () => {
    const { tape, append } = begin()
    append(3)
    const before = tape.weight
    tape.seal()
    expect(before).toBeGreaterThan(2_048)
    expect(tape.weight).toBeLessThan(500)
  })
})
