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
  const times: Partial<Timing> = {}

  return {
    byte(at) {
      times.firstByteMs ??= at - began
    },
    text() {
      times.firstTextMs ??= now() - began
    },
    end() {
      times.totalMs = now() - began
    },
    read(events, characters) {
      const { firstTextMs = Infinity, totalMs = now() - began } = times
      const seconds = (totalMs - firstTextMs) / 1000
      return { ...times, events, ...(seconds > 0 && { charsPerSecond: characters / seconds }) }
    },
  }
}
