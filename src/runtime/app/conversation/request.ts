import type { ProtocolName } from '../../shared/wire'
import { toJsonSchema } from '../../shared/schema'
import { toAnthropicMessages, toSystem } from './requests/messages'
import { toChatMessages } from './requests/chat'
import { toResponsesInput } from './requests/responses'
import type { Tools } from './tools'
import type { UIMessage } from './ui-message'

/**
 * The messages of a conversation as the body of a request. Left out: calls that have no answer, reasoning text, what the
 * upstream ran itself. Sent back unchanged: what providers want to see again (signatures, encrypted reasoning).
 */
export function toRequestBody(protocol: ProtocolName, messages: readonly UIMessage<unknown>[]): Record<string, unknown> {
  switch (protocol) {
    case 'chat': return { messages: toChatMessages(messages) }
    case 'responses': return { input: toResponsesInput(messages) }
    case 'messages': {
      const system = toSystem(messages)
      return { ...(system && { system }), messages: toAnthropicMessages(messages) }
    }
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
