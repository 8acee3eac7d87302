/** Small, since a log wastes half of one on average; an answer of a few sentences fits in two or three. */
export const PAGE_BYTES = 4 * 1024

/** What a page takes, with what the engine keeps of it; measured. */
export const PAGE_WEIGHT = PAGE_BYTES + 256

/**
 * Memory that is used again. What is kept lives long, and in a full log all of it is replaced all the time, which a collector is
 * worst at: with new memory for each answer the relay took up to a tenth longer.
 *
 * Whoever took a page is the only one to look at it: others get copies, which cannot change under them.
 */
export class Pages {
  private readonly free: Uint8Array[] = []
  private taken = 0

  /** With whatever was last written on it. */
  take(): Uint8Array {
    this.taken++
    return this.free.pop() ?? new Uint8Array(PAGE_BYTES)
  }

  giveBack(pages: readonly Uint8Array[]): void {
    this.taken -= pages.length
    for (const page of pages) this.free.push(page)
  }

  /** Lets go of free ones, as many as there are more than taken ones. */
  trim(): void {
    this.free.length = Math.min(this.free.length, this.taken)
  }
}
