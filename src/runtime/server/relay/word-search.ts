/** Gives where the next of the words may begin in `bytes[from, end)`, or -1. Its first byte and two neighbours match; the caller compares. */
export type WordSearch = (bytes: Uint8Array, from: number, end: number) => number

/** Pairs of bytes that are told apart; others share a place, and cost a look that finds nothing. */
const PAIRS = 512

/**
 * Looks for a few words at once, without a look at every byte: of each word's beginning, as long as the shortest word, exactly one
 * pair of neighbours lies where a look is taken. No look waits for what the one before it found, as it would where a window is moved
 * by what it holds (Boyer and Moore's idea, Wu and Manber's for several words).
 *
 * To judge a Chat Completions chunk of 190 bytes by the keys in it takes 75 ns; it took 158 with such a window, and each key
 * compared before its value was looked at.
 *
 * `words`: ASCII, all with the same first byte, the shortest of at most 32 bytes.
 */
export function createWordSearch(words: readonly string[]): WordSearch {
  const stride = Math.min(...words.map(({ length }) => length)) - 1
  const first = words[0]!.charCodeAt(0)
  /** By pair, how far behind a word's first byte its second one may be: a bit for each distance. */
  const distances = new Uint32Array(PAIRS)
  for (const word of words) {
    for (let distance = 1; distance <= stride; distance++) {
      distances[toPlace(word.charCodeAt(distance - 1), word.charCodeAt(distance))]! |= 1 << distance
    }
  }

  return (bytes, from, end) => {
    for (let last = from + stride; last < end; last += stride) {
      // The longest distance first: it is the earliest word.
      for (let left = distances[toPlace(bytes[last - 1]!, bytes[last]!)]!; left !== 0;) {
        const distance = 31 - Math.clz32(left)
        if (bytes[last - distance] === first) return last - distance
        left ^= 1 << distance
      }
    }
    return -1
  }
}

function toPlace(one: number, next: number): number {
  return ((one << 4) ^ next) & (PAIRS - 1)
}
