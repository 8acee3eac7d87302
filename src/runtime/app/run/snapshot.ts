import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { StreamResult } from '../../shared/result'
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

/** A stream that has no text: before the first run, or where one ends before it brings any. */
export function emptySnapshot(phase: Phase = 'ready', error: StreamError | null = null): Snapshot {
  const outcome = phase === toStatus(phase) ? null : phase as Outcome // the rest of the phases
  return { phase, result: emptyResult(outcome, error), object: undefined, runId: null, timing: { events: 0 } }
}

export function emptyResult(outcome: Outcome | null, error: StreamError | null = null): StreamResult {
  const nothing = { text: '', reasoning: '', refusal: '', toolCalls: [], finishReason: null }
  return { outcome, ...nothing, choices: [{ index: 0, ...nothing, parts: [] }], usage: null, model: null, responseId: null, error }
}

export function toStatus(phase: Phase): StreamStatus {
  switch (phase) {
    case 'submitted': case 'streaming': return phase
    case 'failed': case 'truncated': return 'error'
    default: return 'ready'
  }
}
