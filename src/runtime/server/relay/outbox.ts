import { concat } from './body-reader'

/** Small pieces are joined up to this size; a larger one goes out as it is. */
const JOINED_BYTES = 16 * 1024

/** Joins whole frames, given in pieces, into what goes out in their place. `counts`: how many frames each piece has. */
export type Tap = (pieces: readonly Uint8Array[], counts: readonly number[]) => Uint8Array

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
  private counts: number[] = []
  private length = 0

  /** `tap`: joins the pieces in its own way, a single one too. */
  constructor(private readonly owner: OutboxOwner, private readonly tap?: Tap) {}

  /** Something waits for the turn to end. */
  get isWaiting(): boolean {
    return this.length > 0
  }

  /** Writes so many whole frames, after what is waiting. */
  send(bytes: Uint8Array, count: number): void {
    if (this.length === 0) return this.owner.write(this.tap ? this.tap([bytes], [count]) : bytes)
    this.gather(bytes, count)
    this.flush()
  }

  /** Keeps the frames until the turn ends, to write them together with what else it brings. */
  gather(bytes: Uint8Array, count: number): void {
    if (this.length > 0 && this.length + bytes.length > JOINED_BYTES) this.flush()
    if (this.length === 0) turnEnd.then(() => this.flush())
    this.pieces.push(bytes)
    this.counts.push(count)
    this.length += bytes.length
    if (this.length >= JOINED_BYTES) this.flush()
  }

  /** Writes what is waiting. */
  flush(): void {
    if (this.length === 0) return
    const { pieces, counts } = this
    this.pieces = []
    this.counts = []
    this.length = 0
    this.owner.write(this.tap ? this.tap(pieces, counts) : concat(pieces))
  }
}

const turnEnd = Promise.resolve()
