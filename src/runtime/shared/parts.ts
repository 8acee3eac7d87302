import type { ProviderMetadata } from './events'

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

/** What the model says instead of an answer. */
export interface RefusalPart {
  type: 'refusal'
  text: string
  state: 'streaming' | 'done'
  providerMetadata?: ProviderMetadata
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

/** A call in its place among the other parts. */
export interface ToolCallPart extends ToolCall {
  type: 'tool-call'
}

/** A tool that the upstream ran itself. Shown, never answered. */
export interface ServerToolPart {
  type: 'server-tool'
  id: string
  /** The upstream's word for it. */
  name: string
  state: 'running' | 'complete' | 'failed'
  input?: unknown
  output?: unknown
  /** What goes back with a later request, such as the item itself. */
  providerMetadata?: ProviderMetadata
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
