import { isAnswered } from './tools'
import type { UIMessage, UIPart } from './ui-message'

/** The same message with other words: its text becomes one part, after the files, which stay. */
export function editText<TMessage extends UIMessage<unknown>>(message: TMessage, text: string): TMessage {
  const rest = message.parts.filter(part => part.type !== 'text')
  return { ...message, parts: [...rest, { type: 'text', text }] }
}

/**
 * How many messages stay when one is answered anew: those before it, or up to it when it is the user's. Without an id the
 * last message counts. 0: there is no such message, or nothing leads to it.
 */
export function keepCount(messages: readonly UIMessage<unknown>[], id?: string): number {
  const index = id === undefined ? messages.length - 1 : messages.findIndex(message => message.id === id)
  return messages[index]?.role === 'assistant' ? index : index + 1
}

/** The list with a message in the place of the one with its id; the same list where there is none. */
export function replaceMessage(messages: UIMessage[], message: UIMessage): UIMessage[] {
  const index = messages.findIndex(({ id }) => id === message.id)
  return index === -1 ? messages : messages.toSpliced(index, 1, message)
}

/** Where a run that was left goes on: in which message, and after which of its parts. */
export interface ResumePoint {
  message: UIMessage
  base: readonly UIPart[]
  runId?: string
}

/**
 * Where a run goes on in these messages: in the one that it was left in, or in an answer whose calls are answered and whose
 * next step was asked for. `undefined`: in a message of its own.
 */
export function resumePoint(messages: readonly UIMessage[], runId?: string): ResumePoint | undefined {
  const message = messages.at(-1)
  const { runId: left, outcome } = message?.metadata ?? {}
  if (!message || message.role !== 'assistant') return
  if (left && (runId ?? left) === left) {
    return { message, base: message.parts.slice(0, message.parts.findLastIndex(part => part.type === 'step-start')), runId: left }
  }
  if (outcome === 'tool-calls' && isAnswered(message)) return { message, base: message.parts }
}
