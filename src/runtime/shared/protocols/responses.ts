import { createJsonDecoder } from './decoder'
import type { Protocol } from './protocol'

/** The Responses API. */
export const responses: Protocol = {
  name: 'responses',
  createDecoder: emit => createJsonDecoder('responses', emit, () => ({
    read() {}, readWhole() {}, close() {}, proven: () => false, outcome: () => 'complete',
  })),
  buildBody: ({ text, schema }) => ({
    ...(text !== undefined && { input: text }),
    ...(schema && { text: { format: { type: 'json_schema', ...schema, strict: true } } }),
  }),
}
