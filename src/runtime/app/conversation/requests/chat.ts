import type { FilePart } from '../../../shared/parts'
import type { UIMessage, UIPart } from '../ui-message'
import type { AnsweredCall } from './content'
import { toolName } from '../ui-message'
import { answerText, base64Data, callArguments, customInput, fileText, isAnsweredCall, isRefusal, metadataText, splitSteps } from './content'

/**
 * `messages` of Chat Completions. `[spec]`
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function toChatMessages(messages: readonly UIMessage<unknown>[]): object[] {
  return messages.flatMap(({ role, parts }, index) => {
    if (role !== 'assistant') return [{ role, content: toContent(parts) }]
    const going = index === messages.length - 1
    return splitSteps(parts).flatMap(step => toAnswer(step, going))
  })
}

/** One model call: what it said and called, then a message for each answer. `going`: the model is to go on with it. */
function toAnswer(parts: UIPart[], going: boolean): object[] {
  const calls = parts.filter(isAnsweredCall)
  const content = textOf(parts.filter(part => !isRefusal(part)))
  const refusal = textOf(parts.filter(isRefusal))
  if (!content && !refusal && !calls.length) return []
  return [
    {
      role: 'assistant',
      content: content || null,
      ...(refusal && { refusal }),
      ...(calls.length && { tool_calls: calls.map(toCall) }),
      ...thoughts(parts, going && calls.length > 0),
    },
    ...calls.map(call => ({ role: 'tool', tool_call_id: call.toolCallId, content: answerText(call) })),
  ]
}

/** What some upstreams want back of their reasoning; each sent it in a field of its own, and gets it in that field. */
function thoughts(parts: UIPart[], going: boolean): object {
  const reasoning = parts.filter(part => part.type === 'reasoning')
  // [wire] OpenRouter: https://openrouter.ai/docs/use-cases/reasoning-tokens
  const reasoning_details = reasoning.flatMap(part => part.providerMetadata?.openrouter?.reasoning_details ?? [])
  // [wire] DeepSeek and Moonshot refuse the next step of a tool loop without it, and want none of older answers:
  // https://api-docs.deepseek.com/guides/thinking_mode
  const reasoning_content = reasoning.map(part => part.providerMetadata?.llmStream?.field === 'reasoning_content' ? part.text : '').join('')
  return {
    ...(reasoning_details.length && { reasoning_details }),
    ...(going && reasoning_content && { reasoning_content }),
  }
}

function toCall(call: AnsweredCall): object {
  const name = toolName(call)
  const custom = customInput(call)
  if (custom !== undefined) return { id: call.toolCallId, type: 'custom', custom: { name, input: custom } }
  // [wire] Gemini refuses the next step without it: https://ai.google.dev/gemini-api/docs/thought-signatures
  const thought_signature = metadataText(call, 'google', 'thoughtSignature')
  return {
    id: call.toolCallId,
    type: 'function',
    function: { name, arguments: callArguments(call) },
    ...(thought_signature && { extra_content: { google: { thought_signature } } }),
  }
}

/** Plain text stays a string, which every provider takes; an array only where there are files. */
function toContent(parts: readonly UIPart[]): string | object[] {
  if (!parts.some(part => part.type === 'file')) return textOf(parts)
  return parts.flatMap((part): object[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    return part.type === 'file' ? [toFile(part)] : []
  })
}

function toFile(file: FilePart): object {
  const { mediaType, url, filename = 'file' } = file
  const data = base64Data(file)
  const text = fileText(file)
  if (mediaType.startsWith('image/')) return { type: 'image_url', image_url: { url } }
  if (mediaType.startsWith('audio/') && data) return { type: 'input_audio', input_audio: { data, format: /wav/.test(mediaType) ? 'wav' : 'mp3' } }
  // `file` means PDF to most upstreams; words are understood by all.
  if (text !== undefined) return { type: 'text', text: `${filename}:\n\n${text}` }
  return { type: 'file', file: { filename, file_data: url } }
}

function textOf(parts: readonly UIPart[]): string {
  return parts.map(part => part.type === 'text' ? part.text : '').join('')
}
