import type { StreamError } from '../errors'
import type { StreamEvent } from '../events'
import type { SseMessage } from '../sse'
import type { ProtocolName } from '../wire'

/** One wire format: how its messages are read. */
export interface Protocol {
  name: ProtocolName
  createDecoder: (emit: (event: StreamEvent) => void) => Decoder
}

/**
 * Turns the messages of one answer into events, pushed to `emit` before the call returns. Emits exactly one `end`, as the
 * last event; what is given to it later is ignored.
 */
export interface Decoder {
  /** A message of the stream; or the whole answer that `stream: false` gives, as if it were one. */
  message: (message: SseMessage) => void
  /**
   * The body has ended, or broke with `failure`. After proof of completion (wire.md §4) both end the run well; without it
   * the first means `truncated`, the second `failed`.
   */
  end: (failure?: StreamError) => void
  /** True once `end` was emitted: reading on is pointless. */
  readonly ended: boolean
}
