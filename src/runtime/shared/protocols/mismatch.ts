import type { ProtocolName } from '../wire'
import { textOf } from './json'

/** Whose message this is; `undefined` for one that any protocol may send, or none. */
export function protocolOf(message: Record<string, unknown>): ProtocolName | undefined {
  const type = textOf(message.type)
  const object = textOf(message.object)
  if (Array.isArray(message.choices) || object.startsWith('chat.completion')) return 'chat'
  if (object === 'response' || type.startsWith('response.')) return 'responses'
  if (/^(?:message|content_block)(?:_|$)/.test(type)) return 'messages'
}
