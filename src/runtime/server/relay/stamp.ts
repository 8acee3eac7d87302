import { FIRST_FRAME } from './logs/log'

const LF = 0x0A
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39
const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()
/** `id: ` and the line feed. */
const BYTES_BESIDE_DIGITS = 5

/** A piece from here on gets a block of its own, of just its size; smaller ones share blocks of this size and up. */
const SMALLEST = 2 * 1024
const LARGEST = 32 * 1024

/**
 * Puts their numbers on the frames of one run: `id: <number>` before each. Its pieces lie one behind the other in blocks that
 * are never written twice, so whoever has yet to send them need not copy them: an array of its own for each event took three
 * times as long as the rest of the work.
 */
export class Stamper {
  /** Number of the last frame. */
  last: number
  /** The line of the next one. It is counted up where it stands: to divide each number into its digits took twice as long. */
  private line: Uint8Array
  private block = NOTHING
  private used = 0

  constructor(first = FIRST_FRAME) {
    this.last = first - 1
    this.line = lineOf(first)
  }

  /** Takes whole frames, in pieces of so many each, and joins them. */
  stamp(pieces: readonly Uint8Array[], counts: readonly number[]): Uint8Array {
    const bytes = this.room(lengthOf(pieces) + lengthOfLines(this.last + 1, sum(counts)))
    let at = 0
    for (let index = 0; index < pieces.length; index++) {
      const piece = pieces[index]!
      let start = 0
      for (let more = counts[index]! - 1; more > 0; more--) {
        const end = endOfFrame(piece, start)
        at = this.put(piece.subarray(start, end), bytes, at)
        start = end
      }
      at = this.put(start === 0 ? piece : piece.subarray(start), bytes, at) // most pieces are one frame
    }
    return bytes
  }

  private put(frame: Uint8Array, bytes: Uint8Array, at: number): number {
    const { line } = this
    for (let index = 0; index < line.length; index++) bytes[at++] = line[index]!
    bytes.set(frame, at)
    this.last++
    this.countUp()
    return at + frame.length
  }

  private countUp(): void {
    const { line } = this
    let at = line.length - 2
    while (line[at] === NINE) line[at--] = ZERO
    if (line[at] === SPACE) this.line = lineOf(this.last + 1)
    else line[at]!++
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
  let start = 0
  for (let left = count; left > 0 && start < frames.length; left--) start = endOfFrame(frames, start)
  return start === 0 ? frames : frames.subarray(start)
}

/** Where the frame ends that starts there: behind its first empty line. `[wire]` The relay's frames have only LF. */
function endOfFrame(frames: Uint8Array, start: number): number {
  let end = start
  do end = frames.indexOf(LF, end) + 1
  while (end > 0 && end < frames.length && frames[end] !== LF)
  return end === 0 || end === frames.length ? frames.length : end + 1
}

function lineOf(number: number): Uint8Array {
  return encoder.encode(`id: ${number}\n`)
}

/** Bytes of the lines of so many numbers. */
function lengthOfLines(first: number, count: number): number {
  let length = count * BYTES_BESIDE_DIGITS
  // A number has as many digits as there are powers of ten up to it.
  for (let power = 1; power < first + count; power *= 10) length += first + count - Math.max(first, power)
  return length
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0
  for (const piece of pieces) length += piece.length
  return length
}

function sum(counts: readonly number[]): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}
