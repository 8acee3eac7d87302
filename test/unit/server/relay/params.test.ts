import { describe, expect, it } from 'vitest'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import type { UpstreamOptions } from '../../../../src/runtime/server/relay/options'
import { shapeRequest } from '../../../../src/runtime/server/relay/params'
import type { ProtocolName } from '../../../../src/runtime/shared/wire'

const messages = [{ role: 'user', content: 'Hi' }]

interface Setting { protocol?: ProtocolName, upstream?: UpstreamOptions, development?: boolean, inputRequired?: boolean }

function shape(json: object, { protocol = 'chat', upstream, development = false, inputRequired = true }: Setting = {}) {
  const input = protocol === 'responses' ? { input: 'Hi' } : { messages }
  const { upstreams, limits } = resolveRelayOptions({ upstreams: { default: { baseURL: 'https://h', models: ['cheap', 'good'], ...upstream } } }, { development })
  return shapeRequest({ ...input, ...json }, { protocol, upstream: upstreams.get('default')!, limits, inputRequired })
}
const refusal = (code: string) => expect.objectContaining({ code })

describe('model', () => {
  it('takes the first when none is named', () => {
    expect(shape({})).toMatchObject({ model: 'cheap', requestedModel: 'cheap', body: { model: 'cheap' } })
    expect(shape({ model: null }).model).toBe('cheap')
  })

  it('sends the real name of an alias', () => {
    const upstream = { models: { fast: 'gpt-5-mini', good: 'gpt-5' } }
    expect(shape({ model: 'good' }, { upstream })).toMatchObject({ model: 'gpt-5', requestedModel: 'good', body: { model: 'gpt-5' } })
    expect(() => shape({ model: 'gpt-5' }, { upstream })).toThrow(refusal('model_not_allowed'))
  })

  it.each(['o3-pro', 'MODEL', 'Cheap', 'cheap\u0000', 'cheap ', 'сheap', '', '__proto__', 'constructor', 'toString'])('refuses %j', (model) => {
    expect(() => shape({ model })).toThrow(refusal('model_not_allowed'))
  })

  it.each([[['o3-pro']], [{}], [1], [true]])('refuses %j, which is no name', (model) => {
    expect(() => shape({ model })).toThrow(refusal('invalid_request'))
  })

  it('reads the one model that our own parser saw', () => {
    expect(() => shape(JSON.parse('{"model":"cheap","model":"o3-pro"}'))).toThrow(refusal('model_not_allowed'))
  })

  it('passes any model where none is listed, which is in development', () => {
    const upstream = { models: [] }
    expect(shape({ model: 'x' }, { upstream, development: true }).model).toBe('x')
    expect(() => shape({}, { upstream, development: true })).toThrow(/"default" lists no `models`/)
  })
})

describe('size of the answer', () => {
  it('is set under the upstream\'s own name when the client says nothing', () => {
    expect(shape({}).body).toMatchObject({ max_tokens: 4096 })
    expect(shape({}, { upstream: { provider: 'openai' } }).body).toMatchObject({ max_completion_tokens: 4096 })
    expect(shape({}, { protocol: 'responses' }).body).toMatchObject({ max_output_tokens: 4096 })
    expect(shape({}, { protocol: 'messages' }).body).toMatchObject({ max_tokens: 4096 })
  })

  it('is clamped, and said under the one name that the upstream obeys', () => {
    expect(shape({ max_tokens: 1e6 }).body).toMatchObject({ max_tokens: 4096 })
    expect(shape({ max_completion_tokens: 1e6 }).body).toMatchObject({ max_tokens: 4096 })
    const { body } = shape({ max_tokens: 100, max_completion_tokens: 1e6 }, { upstream: { provider: 'openai' } })
    expect(body).toMatchObject({ max_completion_tokens: 100 })
    expect(body).not.toHaveProperty('max_tokens')
  })

  it('is not escaped by a name of another protocol', () => {
    const { body } = shape({ max_output_tokens: 1 })
    expect(body).toMatchObject({ max_tokens: 4096 })
    expect(body).not.toHaveProperty('max_output_tokens')
  })

  it('is bounded by the upstream\'s own maximum', () => {
    expect(shape({ max_tokens: 900 }, { upstream: { params: { max: { max_tokens: 500 } } } }).body.max_tokens).toBe(500)
  })

  it.each([0, -1, 1.5, '10', [10], true])('refuses %j', (max_tokens) => {
    expect(() => shape({ max_tokens })).toThrow(refusal('invalid_request'))
  })

  it('counts all choices', () => {
    expect(shape({ n: 3 }, { upstream: { params: { max: { n: 2 } } } }).outputTokens).toBe(2 * 4096)
  })
})

describe('cost', () => {
  it('clamps or drops what multiplies it', () => {
    const { body, dropped } = shape({ n: 128, best_of: 20, logprobs: true, top_logprobs: 20, service_tier: 'priority', reasoning_effort: 'high', tools: [{ type: 'web_search' }], tool_choice: 'required' })
    expect(body).toEqual({ messages, model: 'cheap', n: 1, best_of: 1, reasoning_effort: 'medium', max_tokens: 4096, stream: false })
    expect(dropped).toEqual(['logprobs', 'top_logprobs', 'service_tier', 'tools.web_search'])
  })

  it('bounds efforts and thinking of every protocol', () => {
    expect(shape({ reasoning: { effort: 'xhigh', summary: 'auto' } }, { protocol: 'responses' }).body.reasoning).toEqual({ effort: 'medium', summary: 'auto' })
    expect(shape({ reasoning_effort: 'low' }).body.reasoning_effort).toBe('low')
    expect(shape({ reasoning_effort: 'ludicrous' }).body.reasoning_effort).toBe('medium')
    expect(shape({ output_config: { effort: 'max' }, thinking: { type: 'enabled', budget_tokens: 1e6 } }, { protocol: 'messages' }).body)
      .toMatchObject({ output_config: { effort: 'medium' }, thinking: { type: 'enabled', budget_tokens: 4095 } })
  })

  it('goes as far as the app lets it', () => {
    const params = { max: { n: 4, reasoning_effort: 'high', top_logprobs: 5, temperature: 1 }, allow: ['logprobs', 'service_tier', 'web_search'] }
    const { body } = shape({ n: 3, reasoning_effort: 'max', logprobs: true, top_logprobs: 20, service_tier: 'flex', temperature: 2, tools: [{ type: 'web_search_20250305' }] }, { upstream: { params } })
    expect(body).toMatchObject({ n: 3, reasoning_effort: 'high', logprobs: true, top_logprobs: 5, service_tier: 'flex', temperature: 1, tools: [{ type: 'web_search_20250305' }] })
  })
})

it('drops what is stateful, foreign or unknown', () => {
  const { body, dropped } = shape({
    store: true, background: true, previous_response_id: 'a', conversation: 'b', prompt: 'c', metadata: {}, user: 'd', extra_body: {}, extra_headers: {},
    api_base: 'http://e', base_url: 'http://e', baseURL: 'http://e', url: 'http://e', stream_options: { include_usage: false }, MODEL: 'o3-pro',
  })
  expect(body).toEqual({ messages, model: 'cheap', max_tokens: 4096, stream: false })
  expect(dropped).toHaveLength(15)
})

it('does not take up what a prototype could bring', () => {
  const { body } = shape(JSON.parse('{"__proto__":{"store":true},"constructor":1,"toString":1}'))
  expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream'])
  expect(body.store).toBeUndefined()
})

it.each([
  { temperature: '1' }, { stop: 1 }, { response_format: 'json' }, { tool_choice: 1 }, { parallel_tool_calls: 'yes' }, { stream: 'true' }, { include: 'x' },
  { tools: {} }, { tools: ['x'] }, { tools: Array(65).fill({ type: 'function' }) }, { n: 0 }, { n: 1.5 }, { messages: {} }, { messages: ['x'] }, { reasoning_effort: 3 },
])('refuses %j, which is of the wrong type', (json) => {
  expect(() => shape(json)).toThrow(refusal('invalid_request'))
})

it('takes null for absent', () => {
  expect(shape({ temperature: null, tools: null, stop: null }).body).toEqual({ messages, model: 'cheap', max_tokens: 4096, stream: false })
})

it('fills in the app\'s defaults under what the client says', () => {
  const upstream = { params: { defaults: { temperature: 0.2, top_p: 0.5, store: false, max_tokens: 1e6 } } }
  expect(shape({ temperature: 1 }, { upstream }).body).toMatchObject({ temperature: 1, top_p: 0.5, store: false, max_tokens: 4096 })
})

it('asks for usage where the provider is known to give it, and only then', () => {
  const upstream = { provider: 'openai' } as const
  expect(shape({ stream: true }, { upstream })).toMatchObject({ stream: true, body: { stream: true, stream_options: { include_usage: true } } })
  expect(shape({ stream: false }, { upstream }).body).not.toHaveProperty('stream_options')
  expect(shape({ stream: true }).body).not.toHaveProperty('stream_options')
  expect(shape({ stream: true }, { upstream, protocol: 'responses' }).body).not.toHaveProperty('stream_options')
})

it('keeps functions, their choice, and nothing else of include', () => {
  const tools = [{ type: 'function', function: { name: 'f' } }]
  expect(shape({ tools, tool_choice: 'auto' }).body).toMatchObject({ tools, tool_choice: 'auto' })
  expect(shape({ tools: [{ name: 'f', input_schema: {} }] }, { protocol: 'messages' }).body.tools).toHaveLength(1)
  expect(shape({ tools: [{ google_search: {} }] }).body).not.toHaveProperty('tools')
  expect(shape({ include: ['reasoning.encrypted_content', 'file_search_call.results'] }, { protocol: 'responses' }).body.include).toEqual(['reasoning.encrypted_content'])
})

describe('conversation', () => {
  const chat = (...list: object[]) => () => shape({ messages: list })
  const input = (...list: object[]) => () => shape({ input: list }, { protocol: 'responses' })

  it.each(['system', 'developer', 'root', undefined, 1])('refuses the role %j', (role) => {
    expect(chat({ role, content: 'x' })).toThrow(refusal('invalid_request'))
    expect(input({ role, content: 'x' })).toThrow(refusal('invalid_request'))
  })

  it('refuses instructions beside the conversation', () => {
    expect(() => shape({ instructions: 'x' }, { protocol: 'responses' })).toThrow(refusal('invalid_request'))
    expect(() => shape({ system: 'x' }, { protocol: 'messages' })).toThrow(refusal('invalid_request'))
  })

  it('takes instructions where the app allows them', () => {
    const upstream = { params: { allow: ['system'] } }
    expect(shape({ messages: [{ role: 'system', content: 'x' }] }, { upstream }).body.messages).toEqual([{ role: 'system', content: 'x' }])
    expect(shape({ system: 'x' }, { upstream, protocol: 'messages' }).body.system).toBe('x')
  })

  it('is bounded in length', () => {
    expect(chat(...Array<object>(501).fill({ role: 'user', content: 'x' }))).toThrow(refusal('body_too_large'))
  })

  it('is required, unless the app makes it', () => {
    expect(() => shape({ messages: undefined })).toThrow(refusal('invalid_request'))
    expect(shape({ messages: undefined }, { inputRequired: false }).body).not.toHaveProperty('messages')
  })

  it('keeps every field of a message as it is', () => {
    const list = [
      { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"url":"http://x"}' }, extra_content: { google: { thought_signature: 's' } } }] },
      { role: 'tool', tool_call_id: 'a', content: 'http://x' },
    ]
    expect(shape({ messages: list }).body.messages).toEqual(list)
  })

  it('takes the items of calls and of reasoning, not references to stored ones', () => {
    const items = [{ type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' }, { type: 'function_call_output', call_id: 'a', output: 'x' }, { type: 'reasoning', summary: [] }]
    expect(shape({ input: items }, { protocol: 'responses' }).body.input).toEqual(items)
    expect(input({ type: 'item_reference', id: 'x' })).toThrow(refusal('invalid_request'))
    expect(input({ type: 'mcp_call' })).toThrow(refusal('invalid_request'))
    expect(() => shape({ input: [{ type: 'web_search_call' }] }, { protocol: 'responses', upstream: { params: { allow: ['web_search'] } } })).not.toThrow()
  })

  const remote = 'http://169.254.169.254/latest'
  it.each([
    { type: 'image_url', image_url: { url: remote } }, { type: 'image_url', image_url: remote }, { type: 'text', text: 'x', image_url: remote },
    { type: 'input_image', image_url: ' HTTPS://h' }, { type: 'input_image', file_id: 'f' }, { type: 'input_file', file_url: remote }, { type: 'file', file: { file_id: 'f' } },
    { type: 'image', source: { type: 'url', url: remote } }, { type: 'document', source: { type: 'file', file_id: 'f' } }, { type: 'video_url', video_url: { url: 'gs://b' } },
    { type: 'tool_result', content: [{ type: 'image', source: { url: '//h/x' } }] },
  ])('refuses what the provider would fetch: %j', (part) => {
    expect(chat({ role: 'user', content: [part] })).toThrow(refusal('invalid_request'))
    expect(input({ type: 'function_call_output', call_id: 'a', output: [part] })).toThrow(refusal('invalid_request'))
    expect(() => shape({ messages: [{ role: 'user', content: [part] }] }, { upstream: { params: { allow: ['remote-files'] } } })).not.toThrow()
  })

  it.each([
    { type: 'text', text: remote }, { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } }, { type: 'input_file', filename: 'a', file_data: '//8=' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '//8=' } }, { type: 'tool_use', id: 'a', name: 'f', input: { url: remote } },
    { type: 'tool_result', tool_use_id: 'a', content: remote }, { type: 'output_text', text: 'x', annotations: [{ type: 'url_citation', url: remote }] },
  ])('passes what only the model reads: %j', (part) => {
    expect(chat({ role: 'user', content: [part] })).not.toThrow()
  })
})
