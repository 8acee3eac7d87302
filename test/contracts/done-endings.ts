import type { Outcome } from '../../src/runtime/shared/outcome'
import type { ProtocolName } from '../../src/runtime/shared/wire'

/** A stream that ends with `[DONE]`, which some gateways send whatever the protocol (wire.md §4). */
export interface DoneEnding {
  title: string
  protocol: ProtocolName
  messages: readonly object[]
  outcome: Outcome
}

/** What `[DONE]` proves, to the relay and to the client alike: that the answer is whole, in every protocol. */
export const doneEndings: readonly DoneEnding[] = [
  { title: 'nothing else', protocol: 'chat', messages: [], outcome: 'complete' },
  { title: 'text', protocol: 'chat', messages: [{ choices: [{ index: 0, delta: { content: 'Hi' } }] }], outcome: 'complete' },
  { title: 'a reason for one choice of two', protocol: 'chat', messages: [{ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'length' }] }, { choices: [{ index: 1, delta: { content: 'b' } }] }], outcome: 'length' },
  { title: 'nothing else', protocol: 'responses', messages: [], outcome: 'complete' },
  { title: 'text', protocol: 'responses', messages: [{ type: 'response.output_text.delta', item_id: 'm', output_index: 0, content_index: 0, delta: 'Hi' }], outcome: 'complete' },
  { title: 'a terminal before it', protocol: 'responses', messages: [{ type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } }], outcome: 'complete' },
  { title: 'nothing else', protocol: 'messages', messages: [], outcome: 'complete' },
  { title: 'text', protocol: 'messages', messages: [{ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } }], outcome: 'complete' },
  { title: 'a stop reason before it', protocol: 'messages', messages: [{ type: 'message_delta', delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 1 } }], outcome: 'length' },
]

/** The bytes of such a stream. */
export function toDoneStream({ messages }: DoneEnding): Uint8Array {
  const frames = messages.map(message => `data: ${JSON.stringify(message)}\n\n`)
  return new TextEncoder().encode(`${frames.join('')}data: [DONE]\n\n`)
}
