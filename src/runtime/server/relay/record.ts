import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'

/** What a run came to, for accounting. Metadata only, never content. */
export interface RunRecord {
  requestId: string
  subject: string
  /** Name of the upstream that answered, or was tried last. */
  upstream: string
  protocol: ProtocolName
  /** The real model name. */
  model: string
  /** As the client asked; its alias, or the default's when it named none. */
  requestedModel: string
  /** Status of the answer. */
  status: number
  outcome: Outcome
  /** Why it did not end by itself: an error code, or `disconnected`, `stop`, `orphaned`. */
  reason?: string
  /** Calls made upstream, retries and fallbacks included. */
  attempts: number
  /** The upstream's own id of the request. */
  upstreamRequestId?: string
  events: number
  /** Bytes of the answer. */
  bytes: number
  timings: RunTimings
  usage: RecordedUsage
}

/** Milliseconds since the request arrived; a moment that never came is absent. */
export interface RunTimings {
  authorizeMs: number
  firstByteMs?: number
  firstEventMs?: number
  totalMs: number
}

export interface RecordedUsage extends Omit<Usage, 'raw'> {
  /** The upstream did not say: counted from bytes, and never 0 once it was called. */
  estimated: boolean
}
