import type { FilePart } from '../../../shared/parts'
import type { ReasoningUIPart, TextUIPart, UIMessage, UIPart } from '../ui-message'
import type { AnsweredCall } from './content'
import { toolName } from '../ui-message'
import { answerText, callArguments, customInput, isAnsweredCall, isRefusal, metadataText, splitSteps } from './content'

/**
 * The body of a request to the Responses API, with all of its input: nothing has to be stored upstream. `[spec]`
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function toResponsesBody(messages: readonly UIMessage<unknown>[]): Record<string, unknown> {
  return {
    input: messages.flatMap(({ role, parts }) => role === 'assistant'
      ? splitSteps(parts).flatMap(toAnswer)
      : [{ role, content: toContent(parts) }]),
  }
}

/** One model call: its items in their order, then the answers to its calls. */
function toAnswer(parts: UIPart[]): object[] {
  const answers = parts.filter(isAnsweredCall).map(call => ({
    type: customInput(call) === undefined ? 'function_call_output' : 'custom_tool_call_output',
    call_id: call.toolCallId,
    output: answerText(call),
  }))
  return [...parts.flatMap((part, index) => toItem(part, parts, index)), ...answers]
}

function toItem(part: UIPart, parts: UIPart[], index: number): object[] {
  if (part.type === 'text') return part.text ? [toMessage(part)] : []
  if (part.type === 'reasoning') return toReasoning(part, parts, index)
  return isAnsweredCall(part) ? [toCall(part)] : []
}

function toMessage(part: TextUIPart): object {
  const content = isRefusal(part) ? { type: 'refusal', refusal: part.text } : { type: 'output_text', text: part.text }
  const phase = metadataText(part, 'openai', 'phase')
  return { type: 'message', role: 'assistant', content: [content], ...(phase && { phase }) }
}

/**
 * Reasoning goes back only encrypted, and only right before what it led to. `[spec]` An item whose follower is missing is
 * refused, and so is an id that the upstream did not store. The parts of one item are its summary.
 */
function toReasoning(part: ReasoningUIPart, parts: UIPart[], index: number): object[] {
  const id = metadataText(part, 'openai', 'itemId')
  const sameItem = (other?: UIPart): other is ReasoningUIPart =>
    other?.type === 'reasoning' && id !== undefined && metadataText(other, 'openai', 'itemId') === id
  if (sameItem(parts[index - 1])) return []

  const length = parts.slice(index + 1).findIndex(other => !sameItem(other))
  const end = length < 0 ? parts.length : index + 1 + length
  const item = [part, ...parts.slice(index + 1, end).filter(sameItem)]
  const encrypted_content = item.map(one => metadataText(one, 'openai', 'reasoningEncryptedContent')).findLast(Boolean)
  const follower = parts[end]
  if (!encrypted_content || !follower || !toItem(follower, parts, end).length) return []
  const summary = item.filter(one => one.text).map(one => ({ type: 'summary_text', text: one.text }))
  return [{ type: 'reasoning', ...(id && { id }), summary, encrypted_content }]
}

function toCall(call: AnsweredCall): object {
  const name = toolName(call)
  const custom = customInput(call)
  return custom === undefined
    ? { type: 'function_call', call_id: call.toolCallId, name, arguments: callArguments(call) }
    : { type: 'custom_tool_call', call_id: call.toolCallId, name, input: custom }
}

function toContent(parts: readonly UIPart[]): object[] {
  return parts.flatMap((part): object[] => {
    if (part.type === 'text') return [{ type: 'input_text', text: part.text }]
    return part.type === 'file' ? [toFile(part)] : []
  })
}

function toFile({ mediaType, url, filename = 'file' }: FilePart): object {
  if (mediaType.startsWith('image/')) return { type: 'input_image', image_url: url, detail: 'auto' }
  return url.startsWith('data:') ? { type: 'input_file', filename, file_data: url } : { type: 'input_file', file_url: url }
}
