import { createJsonDecoder } from './decoder'
import type { Protocol } from './protocol'

/** Anthropic Messages. */
export const messages: Protocol = {
  name: 'messages',
  createDecoder: emit => createJsonDecoder('messages', emit, () => ({
    read() {}, readWhole() {}, close() {}, proven: () => false, outcome: () => 'complete',
  })),
  buildBody: ({ text, schema }) => ({
    ...(text !== undefined && { messages: [{ role: 'user', content: text }] }),
    ...(schema && { output_config: { format: { type: 'json_schema', schema: schema.schema } } }),
  }),
}
