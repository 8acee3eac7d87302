import type { MaybeRefOrGetter } from 'vue'
import type { SchemaOutput } from '../../shared/schema'
import type { ProtocolName } from '../../shared/wire'
import type { SendInput } from '../conversation/conversation'
import type { Tool } from '../conversation/tools'
import type { MessageMetadata, UIMessage } from '../conversation/ui-message'
import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { StreamResult } from '../../shared/result'
import type { Usage } from '../../shared/usage'
import type { RequestBodies } from '../run/input'
import type { StreamStatus } from '../run/snapshot'
import type { UseStreamOptions } from './stream-options'
import type { ReadonlyRef } from './stream-return'

/** The schema of each tool's input, by the tool's name. */
export type ToolSchemas = Record<string, unknown>

/** The tools of an app: what `execute` and `approval` get has the type of the tool's own schema. */
export type ToolSet<TSchemas extends ToolSchemas> = { [TName in keyof TSchemas]: Tool<TSchemas[TName]> }

/** Messages of an app with these tools: the input of a `tool-<name>` part has the type of the tool's schema. */
export type ConversationMessage<TSchemas extends ToolSchemas = ToolSchemas>
  = UIMessage<MessageMetadata, { [TName in keyof TSchemas & string]: { input: SchemaOutput<TSchemas[TName]>, output: unknown } }>

/**
 * Options of `useConversation`: those of `useStream`, which hold for each request, and what makes requests a conversation.
 * Hooks are called for each request as well, and so more than once for an answer that calls tools. `onToolCall` gets each
 * call with the id that answers it: the upstream's own, unless it gave none, or the same to another.
 */
export interface UseConversationOptions<TSchemas extends ToolSchemas = ToolSchemas, TProtocol extends ProtocolName = 'chat'>
  extends Omit<UseStreamOptions<never, TProtocol>, 'schema' | 'immediate' | 'watch' | 'key'> {
  /**
   * Components of one app that use the same id share one conversation; the options of the first of them that is still there
   * count. Messages that are set on the server are there in the browser, and a run that can be resumed is resumed after a
   * reload.
   */
  id?: string
  /** What was said before. Metadata may be of any kind here, such as another library's. @default [] */
  initialMessages?: readonly UIMessage<unknown>[]
  /** What the model may call, by name. */
  tools?: MaybeRefOrGetter<ToolSet<TSchemas> | undefined>
  /** How often the model is asked for one answer: tools that call for one another end there. @default 8 */
  maxSteps?: MaybeRefOrGetter<number | undefined>
  /**
   * Makes the body of a request from all messages; `toBody` is how it is done without this option. It wins over `body` and
   * `model`, and over the list of tools if it has one of its own. It may take its time.
   */
  toRequest?: (messages: UIMessage[], context: RequestContext<TProtocol>) => RequestBodies[TProtocol] | Promise<RequestBodies[TProtocol]>
  /**
   * Stores the messages: called when a request is sent, before tools are executed and when an answer has settled, never
   * while it grows. Not awaited; what it throws is reported like a hook's.
   */
  persist?: (messages: UIMessage[]) => unknown
}

/** What `toRequest` gets beside the messages. */
export interface RequestContext<TProtocol extends ProtocolName = ProtocolName> {
  protocol: TProtocol
  /** These messages in the words of the protocol: `{ messages }`, or `{ input }` of the Responses API. */
  toBody: (messages: readonly UIMessage[]) => RequestBodies[TProtocol]
}

/** What `useConversation` gives. Verbs that ask the model settle when the answer has settled, and never reject. */
export interface UseConversationReturn<TSchemas extends ToolSchemas = ToolSchemas> {
  /**
   * All messages. The list is another one only when a message came, went or settled: an answer that grows is one message
   * whose `parts` change, so only the component that shows it renders. Settled messages are plain and frozen.
   */
  messages: ReadonlyRef<ConversationMessage<TSchemas>[]>
  /** `submitted` while nothing new is shown yet, tools included; `streaming` while an answer grows; `error` after a failure, else `ready`. */
  status: ReadonlyRef<StreamStatus>
  /** How the last answer ended; `null` before. Each message keeps its own in `metadata`. */
  outcome: ReadonlyRef<Outcome | null>
  /** Why it failed or was truncated. */
  error: ReadonlyRef<StreamError | null>
  /** Token counts of the last answer, its steps together. */
  usage: ReadonlyRef<Usage | null>
  /** Adds the user's message and asks the model. */
  send: (input: SendInput) => Promise<StreamResult>
  /** Ends the answer under way, its tools, and whatever is queued. What has come stays. */
  stop: () => void
  /** Answers anew, the last message or the one of this id: what follows it goes. Also the way to retry. */
  regenerate: (id?: string) => Promise<StreamResult>
  /** Gives a message of the user's other words, drops what follows, and asks the model. Files stay. */
  edit: (id: string, text: string) => Promise<StreamResult>
  /** Other messages, or a change of those there are. An answer under way goes on if its place is still there, else it is stopped. */
  setMessages: (messages: readonly UIMessage<unknown>[] | ((messages: ConversationMessage<TSchemas>[]) => readonly UIMessage<unknown>[])) => void
  /** Answers a call. Each is answered once; `null` when no call waits under that id, or others have to be answered first. */
  addToolResult: (callId: string, output: unknown) => Promise<StreamResult | null>
  /** Lets a call be executed, or tells the model that it may not. `null` as for `addToolResult`. */
  approve: (callId: string, yes: boolean) => Promise<StreamResult | null>
  /** Stops, and empties the conversation. Nothing is persisted. */
  clear: () => void
  /** Leaves a resumable answer going and looks away. One that cannot be resumed is stopped. */
  disconnect: () => void
  /** Comes back to an answer, by the id of its run or by the conversation's `id`; `null` when there is nothing to come back to. */
  resume: (runId?: string) => Promise<StreamResult | null>
}
