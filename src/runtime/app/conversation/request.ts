import type { ProtocolName } from '../../shared/wire'
import { toJsonSchema } from '../../shared/schema'
import { toChatMessages } from './requests/chat'
import type { Tools } from './tools'
import type { UIMessage } from './ui-message'

/** Makes the body of a request from the messages of a conversation. */
export type ToBody = (messages: readonly UIMessage<unknown>[]) => Record<string, unknown>

/**
 * How messages are written in a protocol: at once for Chat Completions, which is in the entry; the others are loaded. Left
 * out are calls that have no answer, reasoning text, and what the upstream ran itself. Sent back unchanged is what providers
 * want to see again: signatures, encrypted reasoning.
 */
export function loadToBody(protocol: ProtocolName): ToBody | Promise<ToBody> {
  switch (protocol) {
    case 'chat': return messages => ({ messages: toChatMessages(messages) })
    case 'responses': return import('./requests/responses').then(({ toResponsesBody }) => toResponsesBody)
    case 'messages': return import('./requests/messages').then(({ toMessagesBody }) => toMessagesBody)
  }
}

/**
 * The app's tools as a protocol declares them, before those that the app declares in its own words. Nothing when there are
 * none, since some upstreams refuse an empty list.
 */
export function toToolsBody(protocol: ProtocolName, tools: Tools, others: readonly object[] = []): { tools?: object[] } {
  const list: object[] = Object.entries(tools).map(([name, { description, schema }]) => {
    const parameters = schema ? toJsonSchema(schema) : { type: 'object', properties: {} }
    switch (protocol) {
      case 'chat': return { type: 'function', function: { name, description, parameters } }
      // [spec] `strict` is true when left out, which refuses schemas with optional properties.
      case 'responses': return { type: 'function', name, description, parameters, strict: false }
      case 'messages': return { name, description, input_schema: parameters }
    }
  })
  return list.length + others.length > 0 ? { tools: [...list, ...others] } : {}
}
