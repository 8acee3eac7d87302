import type { LogBatch } from './log'
import { FIRST_FRAME } from './log'

/**
 * The frames of one run in memory. Blocks instead of one array per append: an answer is thousands of tiny appends, and a
 * typed array of 200 bytes costs as much again.
 */
export interface Tape {
  /** Number of the last frame; one before the first while there is none. */
  readonly last: number
  /** Memory that it takes, in bytes. */
  readonly weight: number
  /** What appending this many bytes would add to the weight. */
  growth: (length: number) => number
  /** Copies whole frames to the end. */
  append: (bytes: Uint8Array, count: number) => void
  /** What was appended after a cursor, from one block; `undefined` when there is nothing. */
  after: (cursor: number) => LogBatch | undefined
  /** Gives back what only a growing tape needs. Later batches are whole blocks, so they may begin before the cursor. */
  seal: () => void
}

interface Block {
  bytes: Uint8Array
  used: number
  /** Number of the frame before the block's first. */
  before: number
  /** Per append: number of its last frame, and where it ends in `bytes`. */
  lasts: number[]
  ends: number[]
}

const SMALLEST = 2 * 1024
const LARGEST = 64 * 1024
/** An append from here on gets a block of exactly its size: sharing would waste more than it saves. */
const ALONE = 16 * 1024
/** What a block weighs beside its bytes, and an append in the index; measured. */
const BLOCK_WEIGHT = 512
const APPEND_WEIGHT = 24

export function createTape(): Tape {
  const blocks: Block[] = []
  let last = FIRST_FRAME - 1
  let weight = 0
  let size = SMALLEST

  return {
    get last() {
      return last
    },
    get weight() {
      return weight
    },
    growth(length) {
      return fits(length) ? APPEND_WEIGHT : APPEND_WEIGHT + BLOCK_WEIGHT + sizeFor(length)
    },
    append(bytes, count) {
      const { length } = bytes
      weight += this.growth(length)
      if (!fits(length)) {
        blocks.push({ bytes: new Uint8Array(sizeFor(length)), used: 0, before: last, lasts: [], ends: [] })
        if (length < ALONE) size = Math.min(size * 2, LARGEST)
      }
      const block = blocks.at(-1)!
      block.bytes.set(bytes, block.used)
      block.used += length
      last += count
      block.lasts.push(last)
      block.ends.push(block.used)
    },
    after(cursor) {
      if (!blocks.length || cursor >= last) return
      const block = blocks[firstAfter(blocks.length, index => blocks[index]!.lasts.at(-1)!, cursor)]!
      const append = firstAfter(block.lasts.length, index => block.lasts[index]!, cursor)
      return {
        kind: 'frames',
        first: (block.lasts[append - 1] ?? block.before) + 1,
        last: block.lasts.at(-1)!,
        bytes: block.bytes.subarray(block.ends[append - 1] ?? 0, block.used),
      }
    },
    seal() {
      weight = 0
      for (const block of blocks) {
        if (block.used < block.bytes.length) block.bytes = block.bytes.slice(0, block.used)
        block.lasts = [block.lasts.at(-1)!]
        block.ends = [block.used]
        weight += BLOCK_WEIGHT + block.used
      }
    },
  }

  function fits(length: number): boolean {
    const block = blocks.at(-1)
    return block !== undefined && block.bytes.length - block.used >= length
  }

  function sizeFor(length: number): number {
    return length >= ALONE ? length : Math.max(size, length)
  }
}

/** Index of the first of `count` ascending numbers that is above `cursor`; there must be one. */
function firstAfter(count: number, numberAt: (index: number) => number, cursor: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (numberAt(middle) > cursor) high = middle
    else low = middle + 1
  }
  return low
}
