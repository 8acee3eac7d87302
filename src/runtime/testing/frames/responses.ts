import type { ResolvedError, ResolvedScript } from '../script'
import { typedFrame } from './format'
import type { JsonObject, ScriptFormat } from './format'

/** [wire] https://platform.openai.com/docs/api-reference/responses-streaming. Every event is numbered; there is no `[DONE]`. */
export const responsesFormat: ScriptFormat = { frames, json, error: toError }

function* frames(script: ResolvedScript): Generator<string> {
  let sequence = 0
  const event = (type: string, fields: JsonObject) => typedFrame(type, { sequence_number: sequence++, ...fields })
  const items = toItems(script)

  yield event('response.created', { response: toResponse(script, 'in_progress') })
  yield event('response.in_progress', { response: toResponse(script, 'in_progress') })
  for (const [outputIndex, { start, whole, steps }] of items.entries()) {
    yield event('response.output_item.added', { output_index: outputIndex, item: start })
    for (const [type, fields] of steps) yield event(type, { item_id: start.id, output_index: outputIndex, ...fields })
    yield event('response.output_item.done', { output_index: outputIndex, item: whole })
  }
  if (script.error) {
    const { type, code, message } = script.error
    yield event('error', { error: { type, code, message, param: null } })
    yield event('response.failed', { response: { ...toResponse(script, 'failed'), error: { code: code ?? type, message } } })
    return
  }
  const status = finalStatus(script)
  yield event(`response.${status}`, { response: toResponse(script, status, items) })
}

function json(script: ResolvedScript): JsonObject {
  return toResponse(script, finalStatus(script), toItems(script))
}

function toError({ message, type, code }: ResolvedError): JsonObject {
  return { error: { message, type, param: null, code } }
}

interface Item {
  /** As `response.output_item.added` has it. */
  start: JsonObject & { id: string }
  /** What happens between its two ends: type and own fields of each event. */
  steps: [type: string, fields: JsonObject][]
  /** As `response.output_item.done` and the whole response have it. */
  whole: JsonObject
}

function toItems(script: ResolvedScript): Item[] {
  const { id, reasoning, text, refusal, toolCalls } = script
  return [
    ...(reasoning.length > 0 ? [reasoningItem(`rs_${id}`, reasoning)] : []),
    ...(text.length > 0 || refusal.length > 0 ? [messageItem(`msg_${id}`, script)] : []),
    ...toolCalls.map((toolCall, index) => functionCallItem(`fc_${id}_${index + 1}`, toolCall)),
  ]
}

function reasoningItem(id: string, pieces: readonly string[]): Item {
  const part = { type: 'summary_text', text: pieces.join('') }
  const at = { summary_index: 0 }
  return {
    start: { id, type: 'reasoning', summary: [] },
    steps: [
      ['response.reasoning_summary_part.added', { ...at, part: { ...part, text: '' } }],
      ...pieces.map((delta): Item['steps'][number] => ['response.reasoning_summary_text.delta', { ...at, delta }]),
      ['response.reasoning_summary_text.done', { ...at, text: part.text }],
      ['response.reasoning_summary_part.done', { ...at, part }],
    ],
    whole: { id, type: 'reasoning', summary: [part] },
  }
}

function messageItem(id: string, { text, refusal }: ResolvedScript): Item {
  const steps: Item['steps'] = []
  const content: JsonObject[] = []
  const addPart = (kind: string, field: string, pieces: readonly string[], rest: JsonObject) => {
    if (pieces.length === 0) return
    const at = { content_index: content.length }
    const whole = pieces.join('')
    const part = { type: kind, [field]: whole, ...rest }
    steps.push(
      ['response.content_part.added', { ...at, part: { ...part, [field]: '' } }],
      ...pieces.map((delta): Item['steps'][number] => [`response.${kind}.delta`, { ...at, delta }]),
      [`response.${kind}.done`, { ...at, [field]: whole }],
      ['response.content_part.done', { ...at, part }],
    )
    content.push(part)
  }
  addPart('output_text', 'text', text, { annotations: [] })
  addPart('refusal', 'refusal', refusal, {})
  const item = { id, type: 'message', role: 'assistant' }
  return { start: { ...item, status: 'in_progress', content: [] }, steps, whole: { ...item, status: 'completed', content } }
}

function functionCallItem(id: string, call: ResolvedScript['toolCalls'][number]): Item {
  const item = { id, type: 'function_call', call_id: call.id, name: call.name }
  const whole = call.pieces.join('')
  return {
    start: { ...item, status: 'in_progress', arguments: '' },
    steps: [
      ...call.pieces.map((delta): Item['steps'][number] => ['response.function_call_arguments.delta', { delta }]),
      ['response.function_call_arguments.done', { arguments: whole }],
    ],
    whole: { ...item, status: 'completed', arguments: whole },
  }
}

function toResponse({ id, model, outcome, usage }: ResolvedScript, status: string, items?: Item[]): JsonObject {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: 1_760_000_000,
    status,
    model,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: outcome === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
    output: items?.map(item => item.whole) ?? [],
    usage: items && usage
      ? {
          input_tokens: usage.inputTokens,
          input_tokens_details: { cached_tokens: usage.cachedInputTokens },
          output_tokens: usage.outputTokens,
          output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
          total_tokens: usage.inputTokens + usage.outputTokens,
        }
      : null,
  }
}

function finalStatus({ outcome }: ResolvedScript): 'completed' | 'incomplete' {
  return outcome === 'length' || outcome === 'content-filter' ? 'incomplete' : 'completed'
}
