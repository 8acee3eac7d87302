import type { ProtocolName } from '../wire'

/** Whose message this is; `undefined` for one that any protocol may send, or none. */
export function protocolOf(message: Record<string, unknown>): ProtocolName | undefined {
  const { type, object } = message
  if (Array.isArray(message.choices) || (typeof object === 'string' && object.startsWith('chat.completion'))) return 'chat'
  if (object === 'response' || (typeof type === 'string' && type.startsWith('response.'))) return 'responses'
  if (typeof type === 'string' && /^(?:message|content_block)(?:_|$)/.test(type)) return 'messages'
  return undefined
}
