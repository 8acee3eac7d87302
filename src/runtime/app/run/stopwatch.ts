import type { StreamEvent } from '../../shared/events'

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
  byte: (now: number) => void
  /** `true` for the first text. */
  event: (event: StreamEvent) => boolean
  end: () => void
  /** Events so far. */
  readonly events: number
  /** What is known now, given how many characters of text have come. */
  read: (characters: number) => Timing
}

/** Takes the times of a run, which begins now. */
export function createStopwatch(now: () => number): Stopwatch {
  const began = now()
  let events = 0
  let firstByteMs: number | undefined
  let firstTextMs: number | undefined
  let totalMs: number | undefined

  return {
    byte(at) {
      firstByteMs ??= at - began
    },
    event(event) {
      events++
      if (firstTextMs !== undefined || event.type !== 'text-delta') return false
      firstTextMs = now() - began
      return true
    },
    end() {
      totalMs = now() - began
    },
    get events() { return events },
    read(characters) {
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
