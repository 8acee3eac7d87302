import { asciiBytes } from './frame-data'

/** Gives where the next of the words may begin in `bytes[from, end)`, or -1. Its first and one other byte match; the caller compares. */
export type WordSearch = (bytes: Uint8Array, from: number, end: number) => number

/**
 * Looks for a few words at once, without looking at every byte: the last byte of a window as long as the shortest word says
 * how far the window may move (Boyer, Moore and Horspool's idea, for several words).
 *
 * For the keys that matter in a Chat Completions chunk of 190 bytes: 131 ns, against 371 for a look at each byte, 189 for a
 * regular expression over a string made of it, and 705 for one native search per word.
 */
export function createWordSearch(words: readonly string[]): WordSearch {
  const window = Math.min(...words.map(word => word.length))
  const first = words[0]!.charCodeAt(0)
  /** By byte, how far it is from the window's end in the words' beginnings; 0: a word may end its window here. */
  const shifts = new Uint8Array(256).fill(window)
  for (const word of words) {
    asciiBytes(word.slice(0, window)).forEach((byte, index) => {
      shifts[byte] = Math.min(shifts[byte]!, window - 1 - index)
    })
  }

  return (bytes, from, end) => {
    for (let index = from + window - 1; index < end;) {
      const shift = shifts[bytes[index]!]!
      if (shift > 0) index += shift
      else if (bytes[index - window + 1] === first) return index - window + 1
      else index++
    }
    return -1
  }
}
