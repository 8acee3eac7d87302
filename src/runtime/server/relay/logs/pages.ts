/** Small, since a log wastes half of one on average; an answer of a few sentences fits in two or three. */
export const PAGE_BYTES = 4 * 1024

/** What a page takes, with what is noted of it; measured. */
export const PAGE_WEIGHT = PAGE_BYTES + 64

/** Large, since a collector looks at each. What was never written on takes no memory of the machine. */
const PAGES_IN_SHEET = 256

interface Sheet {
  bytes: Uint8Array
  /** Its pages that nobody has. */
  free: number[]
}

/**
 * Memory that is used again, by the page. What is kept lives long, and in a full log all of it is replaced all the time, which a
 * collector is worst at: with new memory for each answer the relay took up to a tenth longer, and about as much with an array for
 * each page. So a page is a number, and lies on one of a few large sheets.
 *
 * Whoever took a page is the only one to look at it: others get copies, which cannot change under them.
 */
export class Pages {
  private readonly sheets: Sheet[] = []
  /** No sheet before this one has a free page. Taken from the first that has, pages gather there and the last sheets get free. */
  private first = 0

  /** With whatever was last written on it. */
  take(): number {
    while (this.sheets[this.first]?.free.length === 0) this.first++
    const { free } = this.sheets[this.first] ?? this.addSheet()
    return this.first * PAGES_IN_SHEET + free.pop()!
  }

  giveBack(pages: readonly number[]): void {
    for (const page of pages) {
      const index = sheetOf(page)
      this.sheets[index]!.free.push(page % PAGES_IN_SHEET)
      this.first = Math.min(this.first, index)
    }
  }

  write(page: number, offset: number, bytes: Uint8Array): void {
    this.sheets[sheetOf(page)]!.bytes.set(bytes, startOf(page) + offset)
  }

  /** Copies what lies on a page from one offset to another. */
  read(page: number, start: number, end: number, target: Uint8Array, at: number): void {
    const from = startOf(page)
    target.set(this.sheets[sheetOf(page)]!.bytes.subarray(from + start, from + end), at)
  }

  /** Lets go of sheets at the end that nobody has a page of. */
  trim(): void {
    while (this.sheets.at(-1)?.free.length === PAGES_IN_SHEET) this.sheets.pop()
  }

  private addSheet(): Sheet {
    const sheet = {
      bytes: new Uint8Array(PAGES_IN_SHEET * PAGE_BYTES),
      free: Array.from({ length: PAGES_IN_SHEET }, (_, index) => PAGES_IN_SHEET - 1 - index),
    }
    this.sheets.push(sheet)
    return sheet
  }
}

function sheetOf(page: number): number {
  return Math.floor(page / PAGES_IN_SHEET)
}

/** Where a page begins on its sheet. */
function startOf(page: number): number {
  return page % PAGES_IN_SHEET * PAGE_BYTES
}
