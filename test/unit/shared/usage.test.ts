import { expect, it } from 'vitest'
import { toUsage } from '../../../src/runtime/shared/usage'

it.each([
  ['nothing', undefined, null],
  ['no object', 'many', null],
  ['an object that counts nothing', { prompt_tokens: null, note: 'x' }, null],
  ['Chat Completions', { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, completion_tokens_details: { reasoning_tokens: 1 }, prompt_tokens_details: { cached_tokens: 2 } },
    { inputTokens: 3, outputTokens: 2, totalTokens: 5, reasoningTokens: 1, cachedInputTokens: 2 }],
  ['a total that is more than its parts', { prompt_tokens: 12, completion_tokens: 1, total_tokens: 303 }, { inputTokens: 12, outputTokens: 1, totalTokens: 303 }],
  ['DeepSeek', { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, prompt_cache_hit_tokens: 2 }, { inputTokens: 3, outputTokens: 2, totalTokens: 5, cachedInputTokens: 2 }],
  ['the Responses API', { input_tokens: 3, output_tokens: 2, total_tokens: 5, input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    { inputTokens: 3, outputTokens: 2, totalTokens: 5, reasoningTokens: 0, cachedInputTokens: 0 }],
  ['Messages, whose cache counts apart', { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 10, cache_creation_input_tokens: 20 },
    { inputTokens: 33, outputTokens: 2, totalTokens: 35, cachedInputTokens: 10 }],
  ['counts that are no counts', { prompt_tokens: '3', completion_tokens: -1, total_tokens: 5 }, { inputTokens: 0, outputTokens: 0, totalTokens: 5 }],
  ['counts beyond all counting', JSON.parse('{ "prompt_tokens": 3, "completion_tokens": 1e999, "total_tokens": 0.5 }'), { inputTokens: 3, outputTokens: 0, totalTokens: 3 }],
])('reads %s', (_, raw, usage) => {
  expect(toUsage(raw)).toEqual(usage && { ...usage, raw })
})
