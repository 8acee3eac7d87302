/** Where limits are counted: in this process, or in a Redis that several share. */
export interface LimitStore {
  /** Counts a request in the current minute of a key. */
  hit: (key: string) => Promise<Hits>
  /** Takes one of `limit` slots of a key; `undefined`: all are taken. */
  acquire: (key: string, limit: number) => Promise<Lease | undefined>
  /** Sets tokens aside from what a key may use within {@link BUDGET_WINDOW}. */
  reserve: (key: string, tokens: number, budget: number) => Promise<Reservation | Exhausted>
}

export interface Hits {
  /** Requests of this window, this one included. */
  count: number
  /** Milliseconds until the window ends, at most {@link RATE_WINDOW}. */
  endsInMs: number
}

/** A slot that somebody holds. One whose process died comes free by itself. */
export interface Lease {
  release: () => void
}

export interface Reservation {
  granted: true
  /** Says what was really used, instead of what was set aside. */
  settle: (tokens: number) => void
}

export interface Exhausted {
  granted: false
  /** Milliseconds until the window ends. */
  endsInMs: number
}

/** Milliseconds. */
export const RATE_WINDOW = 60_000

/** Milliseconds: a day, from the first token on. */
export const BUDGET_WINDOW = 24 * 60 * 60_000
