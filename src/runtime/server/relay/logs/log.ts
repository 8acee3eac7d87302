import type { ErrorJson } from '../../../shared/errors'
import type { Outcome } from '../../../shared/outcome'
import type { Usage } from '../../../shared/usage'
import type { ProtocolName } from '../../../shared/wire'

/**
 * Where the frames of resumable runs are kept. A driver implements this; `describeLog` of `nuxt-llm-stream/testing`
 * holds it to every sentence below. All methods but `read` reject with a `StreamError` when the store cannot be reached.
 *
 * Frames are numbered from 2 without holes (number 1 stands for the head of the log); a cursor is the number of the last
 * frame that a viewer has. Times are monotonic: a clock that jumps changes nothing.
 */
export interface StreamLog {
  /** Begins a log. Rejects when there is one of this id, or no room for another. */
  create: (id: string, meta: LogMeta, lifetime: LogLifetime, producer: LogProducer) => Promise<LogWriter>
  /** What is known of a log at this moment; never waits for a run. `null`: unknown, expired or lost. */
  open: (id: string) => Promise<LogState | null>
  /**
   * Everything after a cursor, then whatever is appended, then the end. The first batch may begin at or before the cursor.
   * A silent run parks the reader; a cursor above the last frame waits for the log to pass it. Finishes only after an
   * `end` entry or by the signal; throws a `StreamError` `log_gap` when frames after the cursor are missing, `log_lost`
   * when the log is. A run whose producer died ends with the error `producer_lost`.
   */
  read: (id: string, after: number, signal: AbortSignal) => AsyncIterable<LogEntry>
  /** Asks the producer, in whichever process it is, to end the run. No effect on a run that has ended or is unknown. */
  stop: (id: string, reason: StopReason) => Promise<void>
  /** "A viewer is here, and will say so again within `ms`." See `LogProducer.orphan`. */
  touch: (id: string, ms: number) => Promise<void>
  /** Ends every connection, timer and reader. Logs that outlive the process stay. */
  close?: () => Promise<void>
}

/** What a driver keeps of a run beside its frames. */
export interface LogMeta {
  /** Keyed hash of the subject. */
  owner: string
  upstream: string
  protocol: ProtocolName
  model: string
}

/** How long a log is kept, in milliseconds. */
export interface LogLifetime {
  /** After the last sign of life of its producer. */
  running: number
  /** After its end. */
  ended: number
}

/** Why a run is to end before its answer does. */
export type StopReason = 'stop' | 'orphaned'

/** What the producer of a run wants to hear. Nothing is called after `end` or `lost`. */
export interface LogProducer {
  /** Somebody asked for the run to stop. Called once. */
  stop: (reason: StopReason) => void
  /** The last `touch` ran out: nobody is watching. Called at most once per `touch`, and never without one. */
  orphan: () => void
  /**
   * The log is given up: it takes no more frames, readers elsewhere get `log_lost`. `ended` when somebody else ended the
   * run in the log meanwhile; `cause` is for the server's own log.
   */
  lost: (ended?: RunEnd, cause?: unknown) => void
}

/** Writes the log of one run. */
export interface LogWriter {
  /**
   * Appends whole frames, joined, as every viewer gets them: with the number as their `id:`. Those numbers follow from `count`.
   * `bytes` never change afterwards, so they may be kept without a copy. Never blocks and never throws; after `end`, `drop` or
   * a loss it does nothing.
   */
  append: (bytes: Uint8Array, count: number) => void
  /** Writes the end behind every frame, and settles when it is there or the log is lost. Never rejects. */
  end: (end: RunEnd) => Promise<void>
  /** Gives the log up, as a loss that the caller decided on: it is removed and `lost` is not called. */
  drop: () => void
}

/** What is known of a log at one moment. */
export interface LogState {
  meta: LogMeta
  /** Number of the first frame that can still be read: 2, unless something trimmed the log. */
  first: number
  /** Number of the last frame; 1 while there is none. */
  last: number
  /** Set once the run has ended. */
  end?: RunEnd
}

/** What a reader of a log gets. */
export type LogEntry = LogBatch | { kind: 'end', end: RunEnd }

/** Frames in order, joined as they were appended. Only the last `last - first + 1` frame numbers are meant. */
export interface LogBatch {
  kind: 'frames'
  first: number
  last: number
  bytes: Uint8Array
}

/** How a run ended, as later viewers are told. */
export interface RunEnd {
  outcome: Outcome
  reason?: string
  error?: ErrorJson
  usage?: Usage
}

/** Number of a log's first frame. */
export const FIRST_FRAME = 2
