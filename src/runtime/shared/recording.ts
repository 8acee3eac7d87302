import type { ProtocolName } from './wire'

/**
 * What lies in `NAME.json` beside the bytes of an answer in `NAME.sse`. Development tools write it, `replay` plays it. Keys
 * and headers are no part of it.
 */
export interface Recording {
  /** Name of the upstream that answered. */
  upstream: string
  protocol: ProtocolName
  /** The request's body as the upstream got it. */
  request: unknown
  status: number
  contentType: string
  /** @default 'whole' */
  ending?: RecordedEnding
  /** How the bytes came. */
  chunks: readonly RecordedChunk[]
}

/** `whole`: to its end. `broken`: the upstream's connection broke. `left`: nobody wanted the rest, which is therefore unknown. */
export type RecordedEnding = 'whole' | 'broken' | 'left'

export interface RecordedChunk {
  bytes: number
  /** Milliseconds since the request was sent. */
  ms: number
}
