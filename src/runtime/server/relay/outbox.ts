import { concat } from './body-reader'

/** Small pieces are joined up to this size; a larger one goes out as it is. */
const JOINED_BYTES = 16 * 1024

export interface OutboxOwner {
  /** Gets what leaves. */
  write: (bytes: Uint8Array) => void
}

/**
 * Joins what one turn of the event loop brings: an HTTP parser hands on each piece of a chunked body by itself, and thousands
 * of them can come out of one read. One microtask per turn, none per event.
 */
export class Outbox {
  private pieces: Uint8Array[] = []
  private length = 0

  /** `tap`: joins the pieces in its own way, a single one too. */
  constructor(private readonly owner: OutboxOwner, private readonly tap?: (pieces: readonly Uint8Array[]) => Uint8Array) {}

  /** Something waits for the turn to end. */
  get isWaiting(): boolean {
    return this.length > 0
  }

  /** Writes the bytes, after what is waiting. */
  send(bytes: Uint8Array): void {
    if (this.length === 0) return this.owner.write(this.tap ? this.tap([bytes]) : bytes)
    this.gather(bytes)
    this.flush()
  }

  /** Keeps the bytes until the turn ends, to write them together with what else it brings. */
  gather(bytes: Uint8Array): void {
    if (this.length > 0 && this.length + bytes.length > JOINED_BYTES) this.flush()
    if (this.length === 0) turnEnd.then(() => this.flush())
    this.pieces.push(bytes)
    this.length += bytes.length
    if (this.length >= JOINED_BYTES) this.flush()
  }

  /** Writes what is waiting. */
  flush(): void {
    if (this.length === 0) return
    const joined = this.tap ? this.tap(this.pieces) : concat(this.pieces)
    this.pieces = []
    this.length = 0
    this.owner.write(joined)
  }
}

const turnEnd = Promise.resolve()
