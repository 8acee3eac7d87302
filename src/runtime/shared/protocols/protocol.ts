import type { StreamEvent } from '../events'
import type { Outcome } from '../outcome'
import type { ProtocolName } from '../wire'

export type Emit = (event: StreamEvent) => void

/** One wire format: the meaning of its messages. What all formats share is the decoder's. */
export interface Protocol {
  name: ProtocolName
  createReader: (emit: Emit, envelope: Envelope) => MessageReader
}

/** Reads the messages of one answer. */
export interface MessageReader {
  /** One message, already parsed, or a whole answer. `event` is the frame's name, which counts only where the message has no type. */
  read: (message: Record<string, unknown>, event: string | undefined) => void
  /** The answer is whole: closes what is still open. */
  close: () => void
  /** Whether what was read proves that the answer is whole (wire.md §4). */
  proven: () => boolean
  /** Outcome by the reasons read so far. */
  outcome: () => Outcome
}

/** What messages of all formats say beside the content. */
export interface Envelope {
  /** Where `id` and `model` of the answer may stand: the first of each counts. Gives whether both are known. */
  identify: (holder: Record<string, unknown>) => boolean
  /** An object that may count tokens. */
  count: (usage: unknown) => void
  /** The answer is whole. */
  finish: () => void
  /** The upstream reports a failure, in any shape. */
  fail: (report: unknown) => void
}
