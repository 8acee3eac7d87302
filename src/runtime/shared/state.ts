import type { StreamError } from './errors'
import type { ProviderMetadata } from './events'
import type { Outcome } from './outcome'
import type { Usage } from './usage'

/** One piece of an answer, in order of arrival. A closed part keeps its identity for ever. */
export type StreamPart = TextPart | ReasoningPart | RefusalPart | ToolCallPart | ServerToolPart | SourcePart | FilePart

/** Assignable to AI SDK's `TextUIPart`. */
export interface TextPart {
  type: 'text'
  text: string
  state: 'streaming' | 'done'
  providerMetadata?: ProviderMetadata
}

/** Assignable to AI SDK's `ReasoningUIPart`. */
export interface ReasoningPart {
  type: 'reasoning'
  text: string
  state: 'streaming' | 'done'
  providerMetadata?: ProviderMetadata
}

export interface RefusalPart {
  type: 'refusal'
  text: string
  state: 'streaming' | 'done'
}

/** A call that the app has to answer. */
export interface ToolCall {
  id: string
  name: string
  /** JSON as it was streamed; free text of a `custom` call. */
  arguments: string
  /** The parsed arguments, once the call is closed and its JSON is whole. */
  input?: unknown
  /** `invalid`: closed, but its arguments are not JSON. */
  state: 'streaming' | 'ready' | 'invalid'
  kind?: 'function' | 'custom'
  /** What goes back with the answer, such as Gemini's `thought_signature`. */
  providerMetadata?: ProviderMetadata
}

export interface ToolCallPart extends ToolCall {
  type: 'tool-call'
}

/** A tool that the upstream ran itself. Shown, never answered. */
export interface ServerToolPart {
  type: 'server-tool'
  id: string
  name: string
  state: 'running' | 'complete' | 'failed'
  input?: unknown
  output?: unknown
}

/** Assignable to AI SDK's `SourceUrlUIPart` or `SourceDocumentUIPart`. */
export type SourcePart
  = | { type: 'source-url', sourceId: string, url: string, title?: string, providerMetadata?: ProviderMetadata }
    | { type: 'source-document', sourceId: string, mediaType: string, title: string, filename?: string, providerMetadata?: ProviderMetadata }

/** Assignable to AI SDK's `FileUIPart`. */
export interface FilePart {
  type: 'file'
  mediaType: string
  url: string
  filename?: string
  providerMetadata?: ProviderMetadata
}

/** One of several answers to the same request (`n > 1`). */
export interface Choice {
  index: number
  text: string
  reasoning: string
  refusal: string
  parts: readonly StreamPart[]
  toolCalls: readonly ToolCall[]
  finishReason: string | null
}

/** What a run came to. With several choices the fields outside `choices` are choice 0's. */
export interface StreamResult<TObject = unknown> {
  /** `null` only for a run that was left with `disconnect`. */
  outcome: Outcome | null
  text: string
  reasoning: string
  refusal: string
  toolCalls: readonly ToolCall[]
  choices: readonly Choice[]
  object?: TObject
  usage: Usage | null
  finishReason: string | null
  model: string | null
  responseId: string | null
  error: StreamError | null
}
