import type { FilePart } from '../../../shared/parts'
import type { UIMessage, UIPart } from '../ui-message'
import type { AnsweredCall } from './content'
import { toolName } from '../ui-message'
import { answerText, base64Data, fileText, isAnsweredCall, metadataText, splitSteps } from './content'

/**
 * The body of a request to Anthropic's API. Messages of the role `system` are no messages there. `[spec]`
 * https://docs.anthropic.com/en/api/messages
 */
export function toMessagesBody(messages: readonly UIMessage<unknown>[]): Record<string, unknown> {
  const system = messages.filter(({ role }) => role === 'system').map(textOf).join('\n\n')
  return { ...(system && { system }), messages: messages.flatMap(toMessages) }
}

function toMessages({ role, parts }: UIMessage<unknown>): object[] {
  if (role === 'assistant') return splitSteps(parts).flatMap(toAnswer)
  return role === 'user' ? toMessage(role, parts.flatMap(toContent)) : []
}

function textOf({ parts }: UIMessage<unknown>): string {
  return parts.map(part => part.type === 'text' ? part.text : '').join('')
}

/** One model call: its blocks in their order, then one message with all answers. */
function toAnswer(parts: UIPart[]): object[] {
  const blocks = parts.flatMap(toBlock)
  // [spec] Thinking never ends a message: what followed it was dropped, or never came.
  const end = blocks.findLastIndex(({ type }) => !type.endsWith('thinking')) + 1
  const answers = parts.filter(isAnsweredCall).map(toResult)
  return [...toMessage('assistant', blocks.slice(0, end)), ...toMessage('user', answers)]
}

/** `[spec]` A message without content is refused. */
function toMessage(role: 'user' | 'assistant', content: object[]): object[] {
  return content.length ? [{ role, content }] : []
}

interface Block { type: string, [key: string]: unknown }

function toBlock(part: UIPart): Block[] {
  if (part.type === 'text') return part.text ? [{ type: 'text', text: part.text }] : []
  if (part.type === 'reasoning') {
    const signature = metadataText(part, 'anthropic', 'signature')
    const data = metadataText(part, 'anthropic', 'redactedData')
    // [spec] Thinking goes back unchanged, with its signature; without one (another upstream's, a stopped run) it is refused.
    if (data) return [{ type: 'redacted_thinking', data }]
    return signature ? [{ type: 'thinking', thinking: part.text, signature }] : []
  }
  return isAnsweredCall(part) ? [{ type: 'tool_use', id: part.toolCallId, name: toolName(part), input: part.input ?? {} }] : []
}

function toResult(call: AnsweredCall): object {
  const failed = call.state !== 'output-available'
  return { type: 'tool_result', tool_use_id: call.toolCallId, content: answerText(call), ...(failed && { is_error: true }) }
}

/** `[spec]` An empty text block is refused. */
function toContent(part: UIPart): object[] {
  if (part.type === 'text') return part.text ? [{ type: 'text', text: part.text }] : []
  return part.type === 'file' ? [toFile(part)] : []
}

function toFile(file: FilePart): object {
  const { mediaType, url, filename } = file
  const data = base64Data(file)
  const text = fileText(file)
  const source = data === undefined ? { type: 'url', url } : { type: 'base64', media_type: mediaType, data }
  if (mediaType.startsWith('image/')) return { type: 'image', source }
  return {
    type: 'document',
    source: text === undefined ? source : { type: 'text', media_type: 'text/plain', data: text },
    ...(filename && { title: filename }),
  }
}
