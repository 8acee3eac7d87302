/** Frames with their numbers on them, as the viewers of a resumable run get them. */
export interface StampedFrames {
  bytes: Uint8Array
  /** How many frames there were, those left out included. */
  count: number
}

const LF = 0x0A
const ID = Uint8Array.of(0x69, 0x64, 0x3A, 0x20) // `id: `
/** Bytes that a number adds to a frame at most: `id: `, 15 digits, LF. */
const STAMP_BYTES = ID.length + 15 + 1

/** Where the frames of the call under way end; reused, since thousands can arrive at once. */
const ends: number[] = []

/**
 * Puts `id: <number>` before each of the whole frames in `frames`, counting from `first`; those up to `after` are left out.
 * `[wire]` Frames of the relay end with an empty line and have only LF.
 */
export function stampFrames(frames: Uint8Array, first: number, after = 0): StampedFrames {
  const count = findEnds(frames)
  const skipped = Math.min(Math.max(after - first + 1, 0), count)
  const out = new Uint8Array(frames.length + (count - skipped) * STAMP_BYTES)
  let start = skipped > 0 ? ends[skipped - 1]! : 0
  let length = 0
  for (let index = skipped; index < count; index++) {
    const end = ends[index]!
    length = writeId(out, length, first + index)
    out.set(frames.subarray(start, end), length)
    length += end - start
    start = end
  }
  return { bytes: out.subarray(0, length), count }
}

/** A frame ends behind the first empty line. What has none counts as a frame as well. */
function findEnds(frames: Uint8Array): number {
  let count = 0
  for (let end = 0; end < frames.length;) {
    do end = frames.indexOf(LF, end) + 1
    while (end > 0 && end < frames.length && frames[end] !== LF)
    end = end === 0 || end === frames.length ? frames.length : end + 1
    ends[count++] = end
  }
  return count
}

function writeId(out: Uint8Array, at: number, number: number): number {
  out.set(ID, at)
  let end = at + ID.length + 1
  for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) end++
  let digit = end
  for (let rest = number; digit > at + ID.length; rest = Math.floor(rest / 10)) out[--digit] = 0x30 + rest % 10
  out[end] = LF
  return end + 1
}
