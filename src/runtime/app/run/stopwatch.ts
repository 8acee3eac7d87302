/** Milliseconds count from `start`. */
export interface Timing {
  firstByteMs?: number
  firstTextMs?: number
  /** Set at the end. */
  totalMs?: number
  /** Events decoded so far. */
  events: number
  /** Characters of text per second, from the first of them on. */
  charsPerSecond?: number
}

export interface Stopwatch {
  /** Bytes have come, at this time. The first ones count, as with text. */
  byte: (now: number) => void
  text: () => void
  end: () => void
  /** What is known now, given how many events and characters of text have come. */
  read: (events: number, characters: number) => Timing
}

/** Takes the times of a run, which begins now. */
export function createStopwatch(now: () => number): Stopwatch {
  const began = now()
  let firstByteMs: number | undefined
  let firstTextMs: number | undefined
  let totalMs: number | undefined

  return {
    byte(at) {
      firstByteMs ??= at - began
    },
    text() {
      firstTextMs ??= now() - began
    },
    end() {
      totalMs = now() - began
    },
    read(events, characters) {
      const seconds = firstTextMs === undefined ? 0 : ((totalMs ?? now() - began) - firstTextMs) / 1000
      return {
        ...(firstByteMs !== undefined && { firstByteMs }),
        ...(firstTextMs !== undefined && { firstTextMs }),
        ...(totalMs !== undefined && { totalMs }),
        events,
        ...(seconds > 0 && { charsPerSecond: characters / seconds }),
      }
    },
  }
}
