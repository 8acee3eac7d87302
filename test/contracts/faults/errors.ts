import type { StreamErrorCode } from '../../../src/runtime/shared/errors'
import type { ProtocolName } from '../../../src/runtime/shared/wire'
import { toFrames } from '../../../src/runtime/testing'
import { CANARY, hello, sse } from './row'
import type { FaultRow, FaultRows } from './row'

interface Sample {
  protocol: ProtocolName
  frame: string
  code: StreamErrorCode
  status: number
}

/** Every shape of an error within a stream (wire.md §5), with a message that must not be seen. */
const samples: Record<string, Sample> = {
  'openai': sample('chat', data({ error: { message: CANARY, type: 'server_error', param: null, code: null } })),
  'openrouter': sample('chat', data({ error: { code: 'server_error', message: CANARY }, choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }] })),
  'vllm': sample('chat', data({ object: 'error', message: CANARY, type: 'InternalServerError', param: null, code: 500 })),
  'llamacpp': sample('chat', `error: ${JSON.stringify({ code: 500, message: CANARY, type: 'server_error' })}\n\n`),
  'lmstudio': sample('chat', data({ error: { message: CANARY }, message: CANARY })),
  'lmstudio-named': sample('chat', `event: error\n${data({ error: { message: CANARY } })}`),
  'groq': sample('chat', data({ choices: [{ index: 0, delta: {} }], x_groq: { error: CANARY } })),
  'rate': sample('chat', data({ error: { code: 429, message: CANARY } }), 'upstream_rate_limited', 429),
  'responses': sample('responses', typed('error', { code: 'server_error', message: CANARY, param: null })),
  'failed': sample('responses', typed('response.failed', { response: { status: 'failed', error: { code: 'server_error', message: CANARY } } })),
  'anthropic': sample('messages', typed('error', { error: { type: 'overloaded_error', message: CANARY } }), 'upstream_unavailable', 503),
}

/** F20: an error within the stream, after two events and as the first one. For a relay that does not try again. */
export const errors: FaultRows = Object.fromEntries(Object.entries(samples).flatMap(([name, { protocol, frame, code, status }]) => {
  const later = toFrames(hello, { protocol })
  const row = { ask: { protocol }, error: code, outcome: 'failed' } as const
  return [
    [`F20.${name}`, {
      ...row, title: `${name}: an error after two events`, upstream: sse([...later.slice(0, 2), frame, ...later.slice(2)]), events: 2, fields: { status },
    }],
    [`F20.${name}.first`, {
      ...row, title: `${name}: an error as the first event`, upstream: sse([frame]), status,
    }],
  ] satisfies [string, FaultRow][]
}))

function sample(protocol: ProtocolName, frame: string, code: StreamErrorCode = 'upstream_error', status = 502): Sample {
  return { protocol, frame, code, status }
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function typed(type: string, fields: object): string {
  return `event: ${type}\n${data({ type, ...fields })}`
}
