import { concat } from './body-reader'

/** Small pieces are joined up to this size; a larger one goes out as it is. */
const JOINED_BYTES = 16 * 1024

export interface Outbox {
  /** Writes the bytes, after what is waiting. */
  send: (bytes: Uint8Array) => void
  /** Keeps the bytes until the turn ends, to write them together with what else it brings. */
  gather: (bytes: Uint8Array) => void
  /** Writes what is waiting. */
  flush: () => void
}

/**
 * Joins what one turn of the event loop brings: an HTTP parser hands on each piece of a chunked body by itself, and thousands
 * of them can come out of one read. One microtask per turn, none per event.
 */
export function createOutbox(write: (bytes: Uint8Array) => void): Outbox {
  let pieces: Uint8Array[] = []
  let length = 0

  return { send, gather, flush }

  function send(bytes: Uint8Array): void {
    if (length === 0) return write(bytes)
    gather(bytes)
    flush()
  }

  function gather(bytes: Uint8Array): void {
    if (length > 0 && length + bytes.length > JOINED_BYTES) flush()
    if (length === 0) turnEnd.then(flush)
    pieces.push(bytes)
    length += bytes.length
    if (length >= JOINED_BYTES) flush()
  }

  function flush(): void {
    if (length === 0) return
    const joined = concat(pieces)
    pieces = []
    length = 0
    write(joined)
  }
}

const turnEnd = Promise.resolve()
