import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import type { Frame } from './frames'
import { createChatSniffer } from './sniff-chat'
import { createMessagesSniffer } from './sniff-messages'
import { createResponsesSniffer } from './sniff-responses'

/** `idle`: to be forwarded, but no sign of progress (`ping`). `terminal`: forwarded, and the last. `error`: not forwarded. */
export type Verdict = 'forward' | 'idle' | 'terminal' | 'error'

/** What the relay knows of an answer. It parses only events that can say how it ends, goes wrong or counts tokens. */
export interface Sniffer {
  look: (frame: Frame) => Verdict
  /** Whether the answer is whole, should the body end now (wire.md §4). */
  readonly proven: boolean
  /** How the answer ended, by what it has said so far. */
  readonly outcome: Outcome
  readonly usage: Usage | null
  /** Set with the verdict `error`. */
  readonly error: StreamError | undefined
}

export function createSniffer(protocol: ProtocolName): Sniffer {
  switch (protocol) {
    case 'chat': return createChatSniffer()
    case 'responses': return createResponsesSniffer()
    case 'messages': return createMessagesSniffer()
  }
}
