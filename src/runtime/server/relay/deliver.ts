import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import type { ResolvedUpstream } from './options'
import type { Sink } from './sink'
import type { Transport } from './transport'

/** Everything after `prepare`: a request that is allowed, and the client that waits for its answer. */
export interface Delivery {
  sink: Sink
  transport: Transport
  protocol: ProtocolName
  /** Whether the client asked for SSE. */
  stream: boolean
  /** The upstreams to try, in order: the one that was asked for, then its fallbacks. Each with the body it gets. */
  targets: readonly DeliveryTarget[]
  requestId: string
  /** Milliseconds between comment frames while nothing else is sent; `false`: none. */
  heartbeat: number | false
  limits: { eventBytes: number, streamBytes: number, jsonBytes: number }
  /** Aborts when the run must end: the client is gone, a stop request, shutdown. Its reason says which. */
  signal: AbortSignal
  /** Headers that every answer of this request carries (request id, CORS, timing …), lower-case. */
  headers: Record<string, string>
}

export interface DeliveryTarget {
  upstream: ResolvedUpstream
  /** The real model name, for records. */
  model: string
  /** The serialised request; the same bytes on every attempt. */
  body: Uint8Array
}

/** What came of it. Metadata only, never content. */
export interface DeliveryReport {
  outcome: Outcome
  /** Why it did not end by itself: an error code, `disconnected`, `stop` or `orphaned`. */
  reason?: string
  /** Status of the answer, also where an error frame came later. */
  status: number
  /** The target that answered, or was tried last. */
  target: DeliveryTarget
  /** Calls made upstream, retries and fallbacks included; 0: none was. */
  attempts: number
  upstreamRequestId?: string
  events: number
  /** Bytes of the answer's frames. */
  bytes: number
  /** As the wire said it; `null`: it did not, so it must be estimated. */
  usage: Usage | null
  timings: { firstByteMs?: number, firstEventMs?: number, totalMs: number }
  /** For `onError`; its `cause` never leaves the server. */
  error?: StreamError
}
