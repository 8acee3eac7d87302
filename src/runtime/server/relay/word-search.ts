import { asciiBytes, matches } from './frame-data'

/** Pairs of bytes that are told apart; others share a place, and cost a step that is too short. */
const PAIRS = 512

/** A word, and its bytes. */
interface Spelled<TWord> {
  word: TWord
  bytes: Uint8Array
}

/**
 * Finds a few words at once, without a look at every byte: the last two bytes of a window as long as the shortest word say how far
 * the window may move [ref] Wu and Manber, "A fast algorithm for multi-pattern searching", 1994.
 *
 * For the keys that matter in a Chat Completions chunk of 190 bytes: 190 ns, where a window that goes by its last byte alone takes
 * 310, and one native search per word more than twice that.
 */
export class WordSearch<TWord extends string> {
  /** The word that was found last. */
  word: TWord
  private readonly window: number
  /** By pair, how far it is from the window's end in the words' beginnings; 0: a word may end its window here. */
  private readonly shifts: Uint8Array
  /** By their second byte. */
  private readonly spelled: readonly Spelled<TWord>[][]

  /** `words`: two bytes or more each, ASCII. */
  constructor(words: readonly [TWord, ...TWord[]]) {
    const window = Math.min(...words.map(({ length }) => length))
    const shifts = new Uint8Array(PAIRS).fill(window - 1)
    for (const word of words) {
      const bytes = asciiBytes(word)
      for (let end = 1; end < window; end++) {
        const pair = toPair(bytes, end)
        shifts[pair] = Math.min(shifts[pair]!, window - 1 - end)
      }
    }
    this.word = words[0]
    this.window = window
    this.shifts = shifts
    this.spelled = Array.from({ length: 256 }, (_, byte) => words.filter(word => word.charCodeAt(1) === byte).map(word => ({ word, bytes: asciiBytes(word) })))
  }

  /** Where the next of the words begins in `bytes[from, end)`, or -1; `word` is which. */
  next(bytes: Uint8Array, from: number, end: number): number {
    const { window, shifts, spelled } = this
    for (let last = from + window - 1; last < end;) {
      const shift = shifts[toPair(bytes, last)]!
      if (shift > 0) {
        last += shift
        continue
      }
      const start = last + 1 - window
      for (const { word, bytes: expected } of spelled[bytes[start + 1]!]!) {
        if (start + expected.length > end || !matches(expected, bytes, start)) continue
        this.word = word
        return start
      }
      last++
    }
    return -1
  }
}

function toPair(bytes: Uint8Array, end: number): number {
  return ((bytes[end - 1]! << 4) ^ bytes[end]!) & (PAIRS - 1)
}
