import type { StreamError } from './errors'
import type { Outcome } from './outcome'
import type { Usage } from './usage'

/**
 * One decoded step of a run. Decoders emit these, `reduceStream` folds them into a state, `onEvent` sees every one.
 *
 * `part` numbers the parts of one choice in order of arrival: 0, 1, 2 … A part is opened by its `-start` event, may get
 * deltas, and is closed by its `-end` event; sources and files arrive whole. Parts may overlap.
 */
export type StreamEvent
  = | MetadataEvent
    | TextStartEvent | TextDeltaEvent | TextEndEvent
    | ToolCallStartEvent | ToolCallDeltaEvent | ToolCallEndEvent
    | ServerToolEvent
    | SourceEvent
    | FileEvent
    | FinishEvent
    | UsageEvent
    | RawEvent
    | EndEvent

/** What every event has. */
interface EventBase {
  /**
   * The parsed wire message that this event was decoded from, so that fields unknown to this package are not lost.
   * It belongs to the event only: no state keeps it.
   */
  raw?: unknown
}

/** What every event of a part has. */
interface PartEvent extends EventBase {
  /** Number of the part within its choice, from 0, in order of arrival. */
  part: number
  /** Index of the choice, with `n > 1`. Absent = 0. */
  choice?: number
}

/**
 * Values a provider sends beside the content that a later request may have to give back, under the provider's name:
 * `{ anthropic: { signature, redactedData } }`, `{ openai: { itemId, reasoningEncryptedContent } }`,
 * `{ google: { thoughtSignature } }`; what is under `llmStream` is our own. Names and nesting are those of AI SDK's `ProviderMetadata`, so that stored messages of
 * either are good for both.
 */
export type ProviderMetadata = Record<string, JsonObject>

/** What `JSON.parse` can give. */
export type JsonValue = null | string | number | boolean | JsonObject | readonly JsonValue[]
/** A JSON object. */
export interface JsonObject { readonly [key: string]: JsonValue | undefined }

/** The answer is named. Comes again when the rest becomes known later; each field comes once. */
export interface MetadataEvent extends EventBase {
  type: 'metadata'
  /** `id` of the completion, response or message. */
  responseId?: string
  /** The model that answers, as the upstream names it. */
  model?: string
}

/** The kinds of parts that are running text. */
export type TextKind = 'text' | 'reasoning' | 'refusal'

/** Running text begins. */
export interface TextStartEvent extends PartEvent {
  type: `${TextKind}-start`
  /** The upstream's id of the item, where it has one. */
  id?: string
}
/** Running text grows. */
export interface TextDeltaEvent extends PartEvent {
  type: `${TextKind}-delta`
  /** Characters to append; never the text so far. */
  delta: string
}
/** Running text is whole. */
export interface TextEndEvent extends PartEvent {
  type: `${TextKind}-end`
  /** The whole text, only where it is not what the deltas came to; it replaces them. */
  text?: string
  /** Reasoning signature, encrypted content, log probabilities, phase … */
  providerMetadata?: ProviderMetadata
}

/** A call that the app has to answer. Sent again under the same part when its id or name becomes known later. */
export interface ToolCallStartEvent extends PartEvent {
  type: 'tool-call-start'
  /** The id to answer to: `tool_calls[].id`, `call_id` of the Responses API, `tool_use` block id. Empty if the upstream gave none. */
  id: string
  name: string
  /** `custom` calls take free text instead of JSON. @default 'function' */
  kind?: 'function' | 'custom'
  /** What goes back with the answer, such as Gemini's `thought_signature`. */
  providerMetadata?: ProviderMetadata
}
/** The arguments of a call grow. */
export interface ToolCallDeltaEvent extends PartEvent {
  type: 'tool-call-delta'
  /** Characters of the arguments to append. */
  delta: string
}
/** The call is closed: its arguments are whole, and are parsed now, once. */
export interface ToolCallEndEvent extends PartEvent {
  type: 'tool-call-end'
  /** The whole arguments, only where they are not what the deltas came to; they replace them. */
  arguments?: string
  providerMetadata?: ProviderMetadata
}

/** A tool that the upstream runs itself: web search, code interpreter, MCP … Sent again, whole, for each change of its state. */
export interface ServerToolEvent extends PartEvent {
  type: 'server-tool'
  id: string
  /** The upstream's word for it, such as `web_search_call` or `server_tool_use`'s `name`. */
  name: string
  state: 'running' | 'complete' | 'failed'
  input?: unknown
  output?: unknown
  providerMetadata?: ProviderMetadata
}

/** A source that the answer cites. Arrives whole. */
export interface SourceEvent extends PartEvent {
  type: 'source'
  id: string
  /** Web address, for web sources. */
  url?: string
  title?: string
  /** Media type and file name, for documents. */
  mediaType?: string
  filename?: string
  providerMetadata?: ProviderMetadata
}

/** A file that the answer brings: a generated image, audio. Arrives whole. */
export interface FileEvent extends PartEvent {
  type: 'file'
  /** `data:` or `https:` URL. */
  url: string
  /** IANA media type. */
  mediaType: string
  filename?: string
  providerMetadata?: ProviderMetadata
}

/** A choice has said why it ends. Closing events of its open parts come before. */
export interface FinishEvent extends EventBase {
  type: 'finish'
  choice?: number
  /** The upstream's word: `finish_reason`, `stop_reason`, or `incomplete_details.reason`. */
  reason: string
}

/** Token counts so far; a later one replaces it. */
export interface UsageEvent extends EventBase {
  type: 'usage'
  usage: Usage
}

/** A wire message that gave no other event, as it came. */
export interface RawEvent extends EventBase {
  type: 'raw'
  /** The frame's `event:` name. */
  event?: string
}

/** The run is over; nothing follows. The only event that ends one. */
export interface EndEvent extends EventBase {
  type: 'end'
  outcome: Outcome
  /** Set with the outcomes `failed` and `truncated`. */
  error?: StreamError
}
