import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { Frame } from './frames'
import { errorOf } from './upstream-errors'

/** What an answer's events have said so far. */
export interface Findings {
  /** Whether the answer is whole, should the body end now (wire.md §4). */
  proven: boolean
  /** How it ended. */
  outcome: Outcome
  usage: Usage | null
  /** Set with the verdict `error`. */
  error: StreamError | undefined
}

/** `idle`: to be forwarded, but no sign of progress (`ping`). `terminal`: forwarded, and the last. `error`: not forwarded. */
export type Verdict = 'forward' | 'idle' | 'terminal' | 'error'

/** Understands the events of one protocol. A class each, since every open stream has one: closures took half a kilobyte of it. */
export interface Judge {
  /** Looks at an event and adds to what is known. */
  judge: (frame: Frame) => Verdict
}

/** Plain fields, since an object with accessors is a dictionary to V8, of half a kilobyte. */
export function noFindings(): Findings {
  return { proven: false, outcome: 'complete', usage: null, error: undefined }
}

/** Takes down the error that an event reports, in whatever shape. */
export function findError(findings: Findings, report: unknown): 'error' {
  findings.error = errorOf(report)
  return 'error'
}
