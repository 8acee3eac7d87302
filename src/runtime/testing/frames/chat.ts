import { formatFrame } from '../../shared/sse'
import { DONE } from '../../shared/wire'
import type { ResolvedError, ResolvedScript, ScriptedOutcome } from '../script'
import { dataFrame } from './format'
import type { JsonObject, ScriptFormat } from './format'

/** [wire] https://platform.openai.com/docs/api-reference/chat-streaming; `reasoning_content` is DeepSeek's and many others'. */
export const chatFormat: ScriptFormat = { frames, json, error: toError }

const finishReasons: Record<ScriptedOutcome, string> = {
  'complete': 'stop',
  'length': 'length',
  'content-filter': 'content_filter',
  'tool-calls': 'tool_calls',
}

function* frames(script: ResolvedScript): Generator<string> {
  const base = { id: `chatcmpl-${script.id}`, object: 'chat.completion.chunk', created, model: script.model }
  const chunk = (delta: JsonObject, finishReason: string | null = null) =>
    dataFrame({ ...base, choices: [{ index: 0, delta, finish_reason: finishReason }] })

  yield chunk({ role: 'assistant', content: '' })
  for (const delta of script.reasoning) yield chunk({ reasoning_content: delta })
  for (const delta of script.text) yield chunk({ content: delta })
  for (const delta of script.refusal) yield chunk({ refusal: delta })
  for (const [index, { id, name, pieces }] of script.toolCalls.entries()) {
    yield chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })
    for (const delta of pieces) yield chunk({ tool_calls: [{ index, function: { arguments: delta } }] })
  }
  if (script.error) {
    yield dataFrame(toError(script.error))
    return
  }
  yield chunk({}, finishReasons[script.outcome])
  if (script.usage) yield dataFrame({ ...base, choices: [], usage: toUsage(script.usage) })
  yield formatFrame({ data: DONE })
}

function json(script: ResolvedScript): JsonObject {
  const { toolCalls } = script
  return {
    id: `chatcmpl-${script.id}`,
    object: 'chat.completion',
    created,
    model: script.model,
    choices: [{
      index: 0,
      message: {
        role: 'assistant',
        content: script.text.length > 0 ? script.text.join('') : null,
        refusal: script.refusal.length > 0 ? script.refusal.join('') : null,
        ...(script.reasoning.length > 0 && { reasoning_content: script.reasoning.join('') }),
        ...(toolCalls.length > 0 && {
          tool_calls: toolCalls.map(({ id, name, pieces }) => ({ id, type: 'function', function: { name, arguments: pieces.join('') } })),
        }),
      },
      logprobs: null,
      finish_reason: finishReasons[script.outcome],
    }],
    ...(script.usage && { usage: toUsage(script.usage) }),
  }
}

function toError({ message, type, code }: ResolvedError): JsonObject {
  return { error: { message, type, param: null, code } }
}

function toUsage(usage: NonNullable<ResolvedScript['usage']>): JsonObject {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }
}

/** Seconds since 1970. The same in every answer, so that equal scripts give equal bytes. */
const created = 1_760_000_000
