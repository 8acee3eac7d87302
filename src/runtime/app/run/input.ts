import type { ProtocolName } from '../../shared/wire'

/** A message of Chat Completions. Fields that are not named here pass as they are. */
export interface ChatMessage {
  role: 'user' | 'assistant' | 'tool' | 'system' | 'developer' | 'function'
  content?: string | readonly unknown[] | null
  [field: string]: unknown
}

/** Body of a Chat Completions request. Parameters that are not named here pass as they are. */
export interface ChatBody {
  model?: string
  messages?: readonly ChatMessage[]
  max_tokens?: number | null
  max_completion_tokens?: number | null
  temperature?: number | null
  tools?: readonly object[]
  response_format?: object
  [parameter: string]: unknown
}

/** Body of a Responses request. Parameters that are not named here pass as they are. */
export interface ResponsesBody {
  model?: string
  input?: string | readonly object[]
  instructions?: string | null
  max_output_tokens?: number | null
  temperature?: number | null
  tools?: readonly object[]
  text?: object
  [parameter: string]: unknown
}

/** A message of Anthropic's Messages API. */
export interface MessagesMessage {
  role: 'user' | 'assistant'
  content: string | readonly object[]
  [field: string]: unknown
}

/** Body of a Messages request. Parameters that are not named here pass as they are. */
export interface MessagesBody {
  model?: string
  messages?: readonly MessagesMessage[]
  system?: string | readonly object[]
  max_tokens?: number
  temperature?: number
  tools?: readonly object[]
  output_config?: object
  [parameter: string]: unknown
}

/** The request body of each protocol. */
export interface RequestBodies {
  chat: ChatBody
  responses: ResponsesBody
  messages: MessagesBody
}

/**
 * What `start` takes: one message of the user's, the messages or a whole body. A DOM event counts as none, so that
 * `@click="start"` sends what the options say.
 */
export type StartInput<TProtocol extends ProtocolName = ProtocolName> = string | RequestBodies[TProtocol] | Event | null
