import type { LogBatch } from './log'
import { FIRST_FRAME } from './log'

/** Gives what a reader has not had yet, or nothing when it has everything. Its first batch may begin before its cursor. */
export type TapeReader = () => LogBatch | undefined

/** Bytes that lie in one piece: many appends, where each began where the one before ended. */
interface Stretch {
  buffer: ArrayBufferLike
  start: number
  end: number
  /** Number of the frame before its first. */
  before: number
}

/** What a stretch weighs beside its bytes; measured. */
const STRETCH_WEIGHT = 256

/**
 * The frames of one run in memory. Keeps what it is given instead of a copy, and knows stretches instead of single appends:
 * an answer is thousands of tiny ones.
 */
export class Tape {
  /** Number of the last frame; one before the first while there is none. */
  last = FIRST_FRAME - 1
  /** Memory that it keeps from being freed, in bytes. */
  weight = 0
  private readonly stretches: Stretch[] = []
  /** The last buffer that had room for more. It counts as a whole from the first of its stretches on. */
  private shared: ArrayBufferLike | undefined

  /** Takes whole frames, which must not change any more. */
  append({ buffer, byteOffset, length }: Uint8Array, count: number): void {
    const newest = this.stretches.at(-1)
    if (newest?.buffer === buffer && newest.end === byteOffset) newest.end += length
    else this.begin({ buffer, start: byteOffset, end: byteOffset + length, before: this.last })
    this.last += count
  }

  /** Reads from behind a cursor. */
  reader(after: number): TapeReader {
    let cursor = Math.max(after, FIRST_FRAME - 1)
    let index: number | undefined
    let taken = 0
    return () => {
      if (this.last <= cursor) return
      if (index === undefined) {
        index = this.stretches.length - 1
        while (this.stretches[index]!.before > cursor) index--
        cursor = this.stretches[index]!.before
      }
      if (taken === lengthOf(this.stretches[index]!)) {
        index++
        taken = 0
      }
      const { buffer, start, end } = this.stretches[index]!
      const bytes = new Uint8Array(buffer, start + taken, end - start - taken)
      const first = cursor + 1
      cursor = this.stretches[index + 1]?.before ?? this.last
      taken = end - start
      return { kind: 'frames', first, last: cursor, bytes }
    }
  }

  /** Nothing more will be appended: gives back the room for it. */
  seal(): void {
    const { shared } = this
    if (!shared) return
    this.weight -= shared.byteLength
    for (const stretch of this.stretches) {
      if (stretch.buffer !== shared) continue
      const length = lengthOf(stretch)
      stretch.buffer = shared.slice(stretch.start, stretch.end)
      stretch.start = 0
      stretch.end = length
      this.weight += length
    }
    this.shared = undefined
  }

  private begin(stretch: Stretch): void {
    const { buffer } = stretch
    this.weight += STRETCH_WEIGHT
    if (buffer !== this.shared) this.weight += buffer.byteLength
    if (lengthOf(stretch) < buffer.byteLength) this.shared = buffer
    this.stretches.push(stretch)
  }
}

function lengthOf({ start, end }: Stretch): number {
  return end - start
}
