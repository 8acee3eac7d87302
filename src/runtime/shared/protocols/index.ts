import type { ProtocolName } from '../wire'
import { chat } from './chat'
import type { Protocol } from './protocol'

/**
 * The protocol of a name: at once for `chat`, which most apps speak, else once its code is loaded.
 */
export function loadProtocol(name: ProtocolName): Protocol | Promise<Protocol> {
  switch (name) {
    case 'chat': return chat
    case 'responses': return import('./responses').then(({ responses }) => responses)
    case 'messages': return import('./messages').then(({ messages }) => messages)
    default: throw new TypeError(`Unknown protocol '${name satisfies never}': chat, responses and messages exist.`)
  }
}
