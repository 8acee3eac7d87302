export { StreamError, isStreamError } from './errors'
export type { ErrorJson, StreamErrorCode, StreamErrorInit } from './errors'
export type { JsonObject, JsonValue, ProviderMetadata, StreamEvent } from './events'
export type { Outcome } from './outcome'
export type {
  FilePart, ReasoningPart, RefusalPart, ServerToolPart, SourcePart, StreamPart, TextPart, ToolCall, ToolCallPart,
} from './parts'
export { collectStream, readStream } from './read-stream'
export type { EventIterator, ReadStreamOptions, StreamBody } from './read-stream'
export type { Choice, StreamResult } from './result'
export { initialState, reduceStream } from './state'
export type { StreamState } from './state'
export type { Usage } from './usage'
export type { ProtocolName } from './wire'
