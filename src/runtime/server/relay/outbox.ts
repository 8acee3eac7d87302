/** Small pieces are joined up to this size; a larger one goes out as it is. */
const JOINED_BYTES = 16 * 1024

export interface Outbox {
  /** Adds `bytes[start, end)`, to be kept without a copy unless `reused` says that its owner will change it. */
  add: (bytes: Uint8Array, start: number, end: number, reused: boolean) => void
  /** Writes what is waiting. */
  flush: () => void
  /** Forgets what is waiting. */
  clear: () => void
}

/**
 * Gathers what one turn of the event loop brings and writes it at the turn's end: an HTTP parser hands on each piece of a
 * chunked body by itself, and thousands of them can come out of one read. One microtask per turn, none per event.
 */
export function createOutbox(write: (bytes: Uint8Array) => void): Outbox {
  let pieces: Uint8Array[] = []
  let length = 0

  return { add, flush, clear }

  function add(bytes: Uint8Array, start: number, end: number, reused: boolean): void {
    const whole = start === 0 && end === bytes.length
    if (length > 0 && length + end - start > JOINED_BYTES) flush()
    if (length === 0) resolved.then(flush)
    pieces.push(reused ? bytes.slice(start, end) : whole ? bytes : bytes.subarray(start, end))
    length += end - start
    if (length >= JOINED_BYTES) flush()
  }

  function flush(): void {
    if (length === 0) return
    const bytes = pieces.length === 1 ? pieces[0]! : join(pieces, length)
    clear()
    write(bytes)
  }

  function clear(): void {
    pieces = []
    length = 0
  }
}

const resolved = Promise.resolve()

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
