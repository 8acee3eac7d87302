import type { ResolvedError, ResolvedScript, ScriptedOutcome } from '../script'
import { typedFrame } from './format'
import type { JsonObject, ScriptFormat } from './format'

/** [wire] https://docs.claude.com/en/docs/build-with-claude/streaming. A refusal is text here, and the reason to stop. */
export const messagesFormat: ScriptFormat = { frames, json, error: toError }

const stopReasons: Record<ScriptedOutcome, string> = {
  'complete': 'end_turn',
  'length': 'max_tokens',
  'content-filter': 'refusal',
  'tool-calls': 'tool_use',
}

function* frames(script: ResolvedScript): Generator<string> {
  yield typedFrame('message_start', { message: toMessage(script, [], null) })
  yield typedFrame('ping')
  for (const [index, { start, deltas }] of toBlocks(script).entries()) {
    yield typedFrame('content_block_start', { index, content_block: start })
    for (const delta of deltas) yield typedFrame('content_block_delta', { index, delta })
    yield typedFrame('content_block_stop', { index })
  }
  if (script.error) {
    yield typedFrame('error', { error: toError(script.error).error })
    return
  }
  yield typedFrame('message_delta', {
    delta: { stop_reason: stopReason(script), stop_sequence: null },
    ...(script.usage && { usage: { output_tokens: script.usage.outputTokens } }),
  })
  yield typedFrame('message_stop')
}

function json(script: ResolvedScript): JsonObject {
  return toMessage(script, toBlocks(script).map(block => block.whole), stopReason(script))
}

function toError({ message, type }: ResolvedError): JsonObject {
  return { type: 'error', error: { type: type === 'server_error' ? 'api_error' : type, message } }
}

interface Block {
  /** As `content_block_start` has it. */
  start: JsonObject
  deltas: JsonObject[]
  /** As a whole message has it. */
  whole: JsonObject
}

function toBlocks({ reasoning, text, refusal, toolCalls }: ResolvedScript): Block[] {
  const blocks: Block[] = []
  if (reasoning.length > 0) {
    blocks.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [...reasoning.map(thinking => ({ type: 'thinking_delta', thinking })), { type: 'signature_delta', signature }],
      whole: { type: 'thinking', thinking: reasoning.join(''), signature },
    })
  }
  for (const pieces of [text, refusal]) {
    if (pieces.length === 0) continue
    blocks.push({
      start: { type: 'text', text: '' },
      deltas: pieces.map(piece => ({ type: 'text_delta', text: piece })),
      whole: { type: 'text', text: pieces.join('') },
    })
  }
  for (const { id, name, pieces } of toolCalls) {
    blocks.push({
      start: { type: 'tool_use', id, name, input: {} },
      deltas: pieces.map(piece => ({ type: 'input_json_delta', partial_json: piece })),
      whole: { type: 'tool_use', id, name, input: parse(pieces.join('')) },
    })
  }
  return blocks
}

function toMessage(script: ResolvedScript, content: JsonObject[], stop: string | null): JsonObject {
  const { usage } = script
  return {
    id: `msg_${script.id}`,
    type: 'message',
    role: 'assistant',
    model: script.model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    ...(usage && {
      usage: {
        input_tokens: usage.inputTokens - usage.cachedInputTokens,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: usage.cachedInputTokens,
        output_tokens: stop === null ? 1 : usage.outputTokens,
      },
    }),
  }
}

function stopReason({ refusal, outcome }: ResolvedScript): string {
  return refusal.length > 0 ? stopReasons['content-filter'] : stopReasons[outcome]
}

/** A whole message holds the input parsed; arguments that are broken on purpose can only be streamed. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch {
    return text
  }
}

/** Stands for the bytes by which Anthropic recognises its own thinking. */
const signature = 'ZmFrZS1zaWduYXR1cmU='
