/**
 * What both ends of the relay must agree on: header names, frame names, the path of each protocol, the shape of a run id
 * and of a cursor. Nothing else in the project spells these.
 */

/** The wire formats that an upstream can speak: Chat Completions, the Responses API, Anthropic Messages. */
export type ProtocolName = 'chat' | 'responses' | 'messages'

/** Path of each protocol below the relay's route, and by default below an upstream's base URL. */
export const PROTOCOL_PATHS = {
  chat: 'chat/completions',
  responses: 'responses',
  messages: 'messages',
} as const satisfies Record<ProtocolName, string>

/** Every protocol, in the order in which they are documented. */
export const PROTOCOL_NAMES = Object.keys(PROTOCOL_PATHS) as readonly ProtocolName[]

/** Where resumable runs are read and stopped, below the relay's route: `{route}/streams/{id}`. */
export const STREAMS_PATH = 'streams'

export const HEADERS = {
  /** Request: marks our own client, and cannot be added by a foreign page without a preflight. */
  requestedWith: 'x-requested-with',
  /** Request: `1` asks for a resumable run. Answer: `1` when the run is resumable, else `0`. */
  resumable: 'x-stream-resumable',
  /** Answer: the id of a resumable run. */
  streamId: 'x-stream-id',
  /** Answer: the id of this request, also found in errors and records. */
  requestId: 'x-request-id',
  /** Request: the last frame id that arrived. `[spec]` https://html.spec.whatwg.org/multipage/server-sent-events.html */
  lastEventId: 'last-event-id',
} as const

/** Value of `X-Requested-With` that our client sends. */
export const REQUESTED_WITH = 'nuxt-llm-stream'

/** Name of the one frame that ends a failed run: `event: error`, `data: { "error": … }`. */
export const ERROR_FRAME = 'error'

/** Data of the terminal frame of Chat Completions. */
export const DONE = '[DONE]'

/** 128 random bits as base64url. */
export const RUN_ID = /^[\w-]{22}$/

/** A frame's sequence number, as `id:` and `Last-Event-ID` carry it. */
export const CURSOR = /^(?:0|[1-9]\d{0,14})$/
