import type { LogBatch } from './log'
import type { Pages } from './pages'
import { FIRST_FRAME } from './log'
import { PAGE_BYTES, PAGE_WEIGHT } from './pages'

/** Gives what a reader has not had yet, or nothing when it has everything. Its first batch may begin before its cursor. */
export type TapeReader = () => LogBatch | undefined

/** A place between two frames. */
interface Mark {
  /** Bytes before it. */
  at: number
  /** Number of the last frame before it. */
  after: number
}

/** A batch ends at the first mark from here on. */
const BATCH_BYTES = 64 * 1024

/** The frames of one run in memory, one behind the other on pages. */
export class Tape {
  /** Number of the last frame; one before the first while there is none. */
  last = FIRST_FRAME - 1
  private size = 0
  private written: number[] = []
  /** At most one for each page: an answer is thousands of tiny appends. */
  private marks: Mark[] = []

  constructor(private readonly pages: Pages) {}

  /** Memory that it takes, in bytes. */
  get weight(): number {
    return this.written.length * PAGE_WEIGHT
  }

  /** How much heavier it will be for so many bytes more. */
  growth(length: number): number {
    return Math.ceil((this.size + length) / PAGE_BYTES) * PAGE_WEIGHT - this.weight
  }

  /** Copies whole frames. */
  append(bytes: Uint8Array, count: number): void {
    const newest = this.marks.at(-1)
    if (!newest || pageOf(newest.at) < pageOf(this.size)) this.marks.push(this.end())
    for (let from = 0; from < bytes.length;) {
      const offset = this.size % PAGE_BYTES
      if (offset === 0) this.written.push(this.pages.take())
      const length = Math.min(bytes.length - from, PAGE_BYTES - offset)
      this.pages.write(this.written.at(-1)!, offset, length === bytes.length ? bytes : bytes.subarray(from, from + length)) // most are one event
      this.size += length
      from += length
    }
    this.last += count
  }

  /** Reads from behind a cursor; not to be called any more once the tape is erased. */
  reader(after: number): TapeReader {
    let cursor = Math.max(after, FIRST_FRAME - 1)
    let from: Mark | undefined
    return () => {
      if (this.last <= cursor) return
      const start = from ?? this.marks.findLast(mark => mark.after <= cursor)!
      from = this.batchEnd(start.at)
      cursor = from.after
      return { kind: 'frames', first: start.after + 1, last: cursor, bytes: this.copy(start.at, from.at) }
    }
  }

  /** Gives its pages back. */
  erase(): void {
    this.pages.giveBack(this.written)
    this.written = []
    this.marks = []
  }

  private end(): Mark {
    return { at: this.size, after: this.last }
  }

  private batchEnd(start: number): Mark {
    const least = start + BATCH_BYTES
    return (least < this.size ? this.marks.find(({ at }) => at >= least) : undefined) ?? this.end()
  }

  private copy(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start)
    for (let at = start; at < end;) {
      const offset = at % PAGE_BYTES
      const length = Math.min(end - at, PAGE_BYTES - offset)
      this.pages.read(this.written[pageOf(at)]!, offset, offset + length, bytes, at - start)
      at += length
    }
    return bytes
  }
}

function pageOf(at: number): number {
  return Math.floor(at / PAGE_BYTES)
}
