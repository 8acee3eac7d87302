import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { StreamStatus } from '../run/snapshot'
import type { Concurrency } from '../run/plan'
import type { Stream } from '../run/stream'
import type { Tools } from './tools'
import type { UIMessage } from './ui-message'

/** All that is seen of a conversation but the message that grows, written in one assignment. */
export interface ConversationState {
  readonly messages: UIMessage[]
  readonly status: StreamStatus
  readonly outcome: Outcome | null
  readonly error: StreamError | null
  readonly usage: Usage | null
}

/** Before anything was said. */
export function emptyConversation(messages: UIMessage[] = []): ConversationState {
  return { messages, status: 'ready', outcome: null, error: null, usage: null }
}

/** What a conversation stands on: one stream, one ref, and the app's wishes. */
export interface ConversationHost {
  /** Whether anything may be asked: not while a page is rendered on the server. */
  active: boolean
  /** Makes the body of a request; may throw, since that is the app's code too. */
  toBody: (messages: UIMessage[]) => object | Promise<object>
  /** Runs the requests, one at a time. Their progress is told to the conversation. */
  stream: Stream
  tools: () => Tools
  maxSteps: () => number
  concurrency: () => Concurrency
  /** The one ref that the conversation is shown by. */
  state: { value: ConversationState }
  /** A copy of a message that is watched: whoever shows it sees its `parts` and `metadata` change. */
  live: (message: UIMessage) => UIMessage
  /** A copy of a message that stays as it is: nobody has to watch it. */
  seal: (message: UIMessage) => UIMessage
  /** Keeps the messages for the next visit. */
  persist: (messages: UIMessage[]) => void
  warn: (message: string) => void
}
