import { FIRST_FRAME } from './logs/log'

const LF = 0x0A
/** Bytes of `id: `. */
const ID_BYTES = 4
const NOTHING = new Uint8Array(0)

/** A piece from here on gets a block of its own, of just its size; smaller ones share blocks of this size and up. */
const SMALLEST = 2 * 1024
const LARGEST = 32 * 1024

/** Where the frames of the call under way end, each in its piece; reused, since thousands can arrive at once. */
const ends: number[] = []

/**
 * Puts their numbers on the frames of one run: `id: <number>` before each. Its pieces lie one behind the other in blocks that
 * are never written twice, so whoever has yet to send them need not copy them: an array of its own for each event took three
 * times as long as the rest of the work.
 */
export class Stamper {
  /** Number of the last frame. */
  last = FIRST_FRAME - 1
  private block = NOTHING
  private used = 0

  /** Takes whole frames, in pieces, and joins them. `[wire]` Those of the relay end with an empty line and have only LF. */
  stamp(pieces: readonly Uint8Array[]): Uint8Array {
    let count = 0
    let length = 0
    for (const piece of pieces) {
      count = findEnds(piece, count)
      length += piece.length
    }
    const bytes = this.room(length + lengthOfIds(this.last + 1, count))
    let at = 0
    let index = 0
    for (const piece of pieces) {
      for (let start = 0; start < piece.length;) {
        const end = ends[index++]!
        at = writeId(bytes, at, ++this.last)
        bytes.set(start === 0 && end === piece.length ? piece : piece.subarray(start, end), at) // most pieces are one frame
        at += end - start
        start = end
      }
    }
    return bytes
  }

  private room(length: number): Uint8Array {
    if (length >= SMALLEST) return new Uint8Array(length)
    if (length > this.block.length - this.used) {
      this.block = new Uint8Array(Math.min(Math.max(SMALLEST, this.block.length * 2), LARGEST))
      this.used = 0
    }
    return this.block.subarray(this.used, this.used += length)
  }
}

/** What lies behind the first `count` of these frames. */
export function skipFrames(frames: Uint8Array, count: number): Uint8Array {
  if (count <= 0) return frames
  return count < findEnds(frames) ? frames.subarray(ends[count - 1]) : NOTHING
}

/** Adds to the `count` ends that are known: a frame ends behind the first empty line. What has none counts as a frame as well. */
function findEnds(frames: Uint8Array, count = 0): number {
  const { length } = frames
  for (let end = 0; end < length;) {
    do end = frames.indexOf(LF, end) + 1
    while (end > 0 && end < length && frames[end] !== LF)
    end = end === 0 || end === length ? length : end + 1
    ends[count++] = end
  }
  return count
}

function lengthOfIds(first: number, count: number): number {
  let length = count * (ID_BYTES + 1)
  // A number has as many digits as there are powers of ten up to it.
  for (let power = 1; power < first + count; power *= 10) length += first + count - Math.max(first, power)
  return length
}

function writeId(bytes: Uint8Array, at: number, number: number): number {
  bytes[at] = 0x69
  bytes[at + 1] = 0x64
  bytes[at + 2] = 0x3A
  bytes[at + 3] = 0x20
  const start = at + ID_BYTES
  let end = start + 1
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) end++
  let digit = end
  for (let rest = number; digit > start; rest = Math.floor(rest / 10)) bytes[--digit] = 0x30 + rest % 10
  bytes[end] = LF
  return end + 1
}
