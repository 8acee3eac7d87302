import { toFrames } from '../../src/runtime/testing'
import type { ProviderCases } from './describe-provider'

/**
 * One row of documented behaviour per row of the provider table; a provider without one does not compile. The shapes are those
 * of wire.md, the words are ours.
 */
export const providerCases: ProviderCases = {
  openai: [
    {
      protocol: 'chat',
      url: 'https://api.openai.com/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_completion_tokens: 4096, stream_options: { include_usage: true } },
      answer: openaiChat(),
      expected: said('Hello', { inputTokens: 9, outputTokens: 2, totalTokens: 11 }),
    },
    {
      protocol: 'responses',
      url: 'https://api.openai.com/v1/responses',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_output_tokens: 4096 },
      answer: toFrames({ text: ['Hel', 'lo'], usage: { inputTokens: 9, outputTokens: 2 } }, { protocol: 'responses' }).join(''),
      expected: said('Hello', { inputTokens: 9, outputTokens: 2, totalTokens: 11 }),
    },
  ],
  azure: [
    {
      protocol: 'chat',
      url: 'https://unit.openai.azure.com/openai/deployments/mini/chat/completions?api-version=2024-10-21',
      options: { baseURL: 'https://unit.openai.azure.com/openai/deployments/mini?api-version=2024-10-21' },
      auth: ['api-key', 'sk-test'],
      body: { max_completion_tokens: 4096, stream_options: { include_usage: true } },
      answer: sse(
        { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }] },
        { id: '', object: '', choices: [{ index: 0, delta: {}, finish_reason: null, content_filter_offsets: { end_offset: 5 } }] },
        chunk({ content: 'Hello' }),
        chunk({}, 'stop'),
        '[DONE]',
      ),
      expected: said('Hello'),
    },
    {
      protocol: 'responses',
      url: 'https://unit.openai.azure.com/openai/v1/responses',
      options: { baseURL: 'https://unit.openai.azure.com/openai/v1/' },
      auth: ['api-key', 'sk-test'],
      answer: toFrames({ text: 'Hello' }, { protocol: 'responses' }).join(''),
      expected: said('Hello'),
    },
  ],
  lemondata: [
    {
      protocol: 'chat',
      url: 'https://api.lemondata.cc/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_tokens: 4096 },
      answer: openaiChat(),
      expected: said('Hello', { inputTokens: 9, outputTokens: 2, totalTokens: 11 }),
    },
    {
      protocol: 'responses',
      url: 'https://api.lemondata.cc/v1/responses',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_output_tokens: 4096 },
      answer: toFrames({ text: ['Hel', 'lo'], usage: { inputTokens: 9, outputTokens: 2 } }, { protocol: 'responses' }).join(''),
      expected: said('Hello', { inputTokens: 9, outputTokens: 2, totalTokens: 11 }),
    },
  ],
  openhub: [
    {
      protocol: 'chat',
      url: 'https://api.myopenhub.com/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_tokens: 4096 },
      answer: openaiChat(),
      expected: said('Hello'),
    },
    {
      protocol: 'chat',
      url: 'https://api.myopenhub.com/v1/llm/chat/completions',
      options: { paths: { chat: 'llm/chat/completions' } },
      auth: ['authorization', 'Bearer sk-test'],
      answer: openaiChat(),
      expected: said('Hello'),
    },
  ],
  lawbot: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:8000/chat/completions',
      answer: sse(chunk({ role: 'assistant', content: '依据' }), chunk({ content: '《民法典》' }), chunk({}, 'stop'), '[DONE]'),
      expected: said('依据《民法典》'),
    },
    {
      protocol: 'chat',
      url: 'https://lawbot.example/api/chat/completions',
      options: { baseURL: 'https://lawbot.example/api' },
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(chunk({ content: 'Hello' }), chunk({}, 'stop')),
      expected: said('Hello'),
    },
  ],
  openrouter: [
    {
      protocol: 'chat',
      url: 'https://openrouter.ai/api/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { stream_options: { include_usage: true } },
      answer: `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${openaiChat()}`,
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  deepseek: [
    {
      protocol: 'chat',
      url: 'https://api.deepseek.com/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { max_tokens: 4096, stream_options: { include_usage: true } },
      answer: `: keep-alive\n\n${sse(
        chunk({ role: 'assistant', content: null, reasoning_content: 'Hm' }),
        chunk({ content: 'Hello', reasoning_content: null }),
        { ...chunk({ content: '' }, 'stop'), usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11, prompt_cache_hit_tokens: 4 } },
        '[DONE]',
      )}`,
      expected: { text: 'Hello', reasoning: 'Hm', outcome: 'complete', usage: { totalTokens: 11, cachedInputTokens: 4 } },
    },
  ],
  groq: [
    {
      protocol: 'chat',
      url: 'https://api.groq.com/openai/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(
        { ...chunk({ role: 'assistant', content: 'Hello' }), x_groq: { id: 'req_1' } },
        { ...chunk({}, 'stop'), x_groq: { id: 'req_1', usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } } },
        '[DONE]',
      ),
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  mistral: [
    {
      protocol: 'chat',
      url: 'https://api.mistral.ai/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }, { type: 'text', text: 'Hello' }] }),
        { ...chunk({ content: '' }, 'model_length'), usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
        '[DONE]',
      ),
      expected: { text: 'Hello', reasoning: 'Hm', outcome: 'length', usage: { totalTokens: 11 } },
    },
  ],
  xai: [
    {
      protocol: 'chat',
      url: 'https://api.x.ai/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(
        { ...chunk({ role: 'assistant', content: 'Hello' }), usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 } },
        { ...chunk({}, 'stop'), citations: ['https://example.com/source'] },
        { ...chunk({}), choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
        '[DONE]',
      ),
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  moonshot: [
    {
      protocol: 'chat',
      url: 'https://api.moonshot.ai/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(chunk({ content: 'Hello' }), {
        ...chunk({}),
        choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } }],
      }, '[DONE]'),
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  dashscope: [
    {
      protocol: 'chat',
      url: 'https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      body: { stream_options: { include_usage: true } },
      answer: openaiChat(),
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  zhipu: [
    {
      protocol: 'chat',
      url: 'https://open.bigmodel.cn/api/paas/v4/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(
        chunk({ role: 'assistant', tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }] }),
        { ...chunk({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }, 'tool_calls'), usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
        '[DONE]',
      ),
      expected: { outcome: 'tool-calls', toolCalls: [{ id: 'a', name: 'f', input: { x: 1 } }] },
    },
  ],
  gemini: [
    {
      protocol: 'chat',
      url: 'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
      auth: ['authorization', 'Bearer sk-test'],
      answer: sse(
        chunk({ role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }] }, 'stop'),
        '[DONE]',
      ),
      expected: { outcome: 'tool-calls', toolCalls: [{ id: 'a', name: 'f', input: { x: 1 } }] },
    },
  ],
  anthropic: [
    {
      protocol: 'messages',
      url: 'https://api.anthropic.com/v1/messages',
      auth: ['x-api-key', 'sk-test'],
      headers: { 'anthropic-version': '2023-06-01' },
      body: { max_tokens: 4096 },
      answer: toFrames({ reasoning: 'Hm', text: ['Hel', 'lo'], usage: { inputTokens: 9, outputTokens: 2 } }, { protocol: 'messages' }).join(''),
      expected: { text: 'Hello', reasoning: 'Hm', outcome: 'complete', usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 } },
    },
  ],
  ollama: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:11434/v1/chat/completions',
      answer: sse(
        chunk({ role: 'assistant', content: '', tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] }, ''),
        chunk({ tool_calls: [{ index: 0, id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }] }),
        chunk({}, 'tool_calls'),
        '[DONE]',
      ),
      expected: { outcome: 'tool-calls', toolCalls: [{ id: 'a', name: 'f' }, { id: 'b', name: 'g' }] },
    },
  ],
  vllm: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:8000/v1/chat/completions',
      body: { stream_options: { include_usage: true } },
      answer: `: keep-alive\n\n${openaiChat()}`,
      expected: said('Hello', { totalTokens: 11 }),
    },
  ],
  llamacpp: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:8080/v1/chat/completions',
      answer: `:\n\n${sse(chunk({ role: 'assistant', content: null }), chunk({ content: 'Hello' }, 'stop')).replaceAll('data: ', 'data:')}data: [DONE]`,
      expected: said('Hello'),
    },
  ],
  lmstudio: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:1234/v1/chat/completions',
      answer: openaiChat(),
      expected: said('Hello'),
    },
    {
      protocol: 'responses',
      url: 'http://127.0.0.1:1234/v1/responses',
      answer: toFrames({ reasoning: 'Hm', text: 'Hello' }, { protocol: 'responses' }).join(''),
      expected: { text: 'Hello', reasoning: 'Hm', outcome: 'complete' },
    },
  ],
  replay: [
    {
      protocol: 'chat',
      url: 'http://127.0.0.1:9/v1/chat/completions',
      options: { baseURL: 'http://127.0.0.1:9/v1' },
      answer: openaiChat(),
      expected: said('Hello'),
    },
  ],
}

function openaiChat(): string {
  return toFrames({ text: ['Hel', 'lo'], usage: { inputTokens: 9, outputTokens: 2 } }, { protocol: 'chat' }).join('')
}

function chunk(delta: object, finishReason: string | null = null): object {
  return { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finishReason }] }
}

function sse(...messages: (object | string)[]): string {
  return messages.map(message => `data: ${typeof message === 'string' ? message : JSON.stringify(message)}\n\n`).join('')
}

function said(text: string, usage?: object): { text: string, outcome: 'complete', usage?: object } {
  return { text, outcome: 'complete', ...(usage && { usage }) }
}
