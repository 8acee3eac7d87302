import { describe, expect, it } from 'vitest'
import { PAGE_BYTES, Pages, PAGE_WEIGHT } from '../../../src/runtime/server/relay/logs/pages'
import { Tape, type TapeReader } from '../../../src/runtime/server/relay/logs/tape'
import { Stamper } from '../../../src/runtime/server/relay/stamp'

const encode = (text: string) => new TextEncoder().encode(text)

/** A tape and a way to put frames on it as the relay does, small ones and large ones in turn. */
function begin(pages = new Pages()) {
  const tape = new Tape(pages)
  const stamper = new Stamper()
  const whole: string[] = []
  return {
    tape,
    whole,
    append(count: number) {
      for (let index = 0; index < count; index++) {
        const stamped = stamper.stamp([encode(`data: ${'x'.repeat(whole.length % 7 === 3 ? 5_000 : whole.length % 90)}\n\n`)], [1])
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
  it('gives every frame behind any cursor', () => {
    const { tape, whole, append } = begin()
    append(100)
    for (let cursor = 0; cursor <= 101; cursor++) expect(drain(tape.reader(cursor), cursor)).toEqual(whole.slice(Math.max(0, cursor - 1)))
  })

  it('lets a reader follow from where it was', () => {
    const { tape, whole, append } = begin()
    const next = tape.reader(0)
    const seen: string[] = []
    for (let round = 0; round < 100; round++) {
      expect(next()).toBeUndefined()
      append(round % 5 + 1)
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

  it('gives a long answer in batches of some size', () => {
    const { tape, whole, append } = begin()
    append(1_000)
    const next = tape.reader(0)
    const sizes: number[] = []
    for (let batch = next(); batch; batch = next()) sizes.push(batch.bytes.length)
    expect(sizes.length).toBeGreaterThan(5)
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(64 * 1024)
    expect(Math.max(...sizes)).toBeLessThan(64 * 1024 + 2 * 5_100)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(whole.join('').length)
  })

  it('begins anywhere in appends of many frames each', () => {
    const tape = new Tape(new Pages())
    const stamper = new Stamper()
    const whole: string[] = []
    for (let index = 0; index < 40; index++) {
      const stamped = stamper.stamp(Array.from({ length: 70 }, () => encode(`data: ${'x'.repeat(index * 9)}\n\n`)), Array.from({ length: 70 }, () => 1))
      whole.push(...new TextDecoder().decode(stamped).split(/(?<=\n\n)/))
      tape.append(stamped, 70)
    }
    for (let cursor = 1; cursor < whole.length; cursor += 13) expect(drain(tape.reader(cursor), cursor)).toEqual(whole.slice(cursor - 1))
  })

  it('weighs the pages that it takes, and knows before how much more', () => {
    const tape = new Tape(new Pages())
    expect(tape.weight).toBe(0)
    expect(tape.growth(1)).toBe(PAGE_WEIGHT)
    for (const length of [1, PAGE_BYTES - 2, 1, 1, PAGE_BYTES - 1, 3 * PAGE_BYTES + 5]) {
      const expected = tape.weight + tape.growth(length)
      tape.append(new Uint8Array(length), 1)
      expect(tape.weight).toBe(expected)
    }
    expect(tape.weight).toBe(6 * PAGE_WEIGHT)
  })

  it('leaves what a reader got as it was, when its pages are written again', () => {
    const pages = new Pages()
    const { tape, whole, append } = begin(pages)
    append(200)
    const next = tape.reader(0)
    const batches = Array.from({ length: 2 }, () => next()!)
    tape.erase()
    const other = new Tape(pages)
    for (let index = 0; index < 100; index++) other.append(new Uint8Array(5_000).fill(0x21), 1)
    const read = batches.map(({ bytes }) => new TextDecoder().decode(bytes)).join('')
    expect(read).toBe(whole.slice(0, batches[1]!.last - 1).join(''))
  })
})

describe('pages', () => {
  it('are used again', () => {
    const pages = new Pages()
    const first = [pages.take(), pages.take()]
    pages.giveBack(first)
    expect(new Set([pages.take(), pages.take()])).toEqual(new Set(first))
    expect(first).not.toContain(pages.take())
  })

  it('are let go of by the sheet, once nobody has one of it', () => {
    const pages = new Pages()
    const [page, ...others] = Array.from({ length: 1_000 }, () => pages.take())
    expect(bytesOf(pages)).toBeGreaterThanOrEqual(1_000 * PAGE_BYTES)
    pages.giveBack(others)
    pages.trim()
    expect(bytesOf(pages)).toBe(1024 * 1024)
    pages.giveBack([page!])
    pages.trim()
    expect(bytesOf(pages)).toBe(0)
    expect(new Set(Array.from({ length: 1_000 }, () => pages.take())).size).toBe(1_000)
  })

  it('lie close together, so that memory gets free after a rush', () => {
    const pages = new Pages()
    const rush = Array.from({ length: 2_000 }, () => pages.take())
    pages.giveBack(rush)
    let taken: number[] = []
    // What comes after it replaces what was there before, a tenth as much.
    for (let round = 0; round < 20; round++) {
      const next = Array.from({ length: 200 }, () => pages.take())
      pages.giveBack(taken)
      taken = next
    }
    pages.trim()
    expect(bytesOf(pages)).toBeLessThanOrEqual(2 * 1024 * 1024)
  })
})

function bytesOf(pages: Pages): number {
  return pages['sheets'].reduce((bytes, sheet) => bytes + sheet.bytes.length, 0)
}
