import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { StreamResult } from '../../shared/result'
import { toResult } from '../../shared/result'
import { initialState, reduceStream } from '../../shared/state'
import type { Timing } from './stopwatch'

/** Where a run stands. One word, from which `status` and `outcome` are both read, so that they cannot disagree. */
export type Phase = 'ready' | 'submitted' | 'streaming' | Outcome

/** The four words of AI SDK's chat, which UI libraries take as they are. */
export type StreamStatus = 'ready' | 'submitted' | 'streaming' | 'error'

/** All that a reader sees of a stream, written in one assignment: no two values of it are of different moments. */
export interface Snapshot {
  readonly phase: Phase
  readonly result: StreamResult
  /** With a schema: the object so far. */
  readonly object: unknown
  /** The id to `resume`, of a resumable run. */
  readonly runId: string | null
  readonly timing: Timing
}

/** Before the first run, and after `reset()`. */
export function emptySnapshot(): Snapshot {
  return { phase: 'ready', result: toResult(initialState()), object: undefined, runId: null, timing: { events: 0 } }
}

/** What came of a run that never began. */
export function emptyResult(outcome: Outcome, error?: StreamError): StreamResult {
  return toResult(reduceStream(initialState(), { type: 'end', outcome, error }))
}

export function toStatus(phase: Phase): StreamStatus {
  switch (phase) {
    case 'submitted': case 'streaming': return phase
    case 'failed': case 'truncated': return 'error'
    default: return 'ready'
  }
}
