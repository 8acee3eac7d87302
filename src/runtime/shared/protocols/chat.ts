import type { FinishEvent } from '../events'
import { isFailureReason, outcomeOfReason } from '../outcome'
import { createChatChoice } from './chat-choice'
import type { ChatChoice } from './chat-choice'
import { isObject, textOf } from './json'
import type { Emit, Envelope, MessageReader, Protocol } from './protocol'

/** Chat Completions: OpenAI's, and what everyone else calls compatible with it (wire.md §6). */
export const chat: Protocol = {
  name: 'chat',
  createReader: createChatReader,
}

function createChatReader(emit: Emit, { identify, count, fail }: Envelope): MessageReader {
  const choices = new Map<number, ChatChoice>()
  let identified = false

  function read(message: Record<string, unknown>): void {
    if (!identified) identified = identify(message) // a call for each message is felt (bench/client)
    const { choices: items } = message
    if (Array.isArray(items)) {
      for (let at = 0; at < items.length; at++) if (isObject(items[at])) readChoice(items[at], message)
    }
    if (message.citations || message.search_results) readCitations(message)
    if (message.usage) count(message.usage)
    if (isObject(message.x_groq)) readGroq(message.x_groq, message)
  }

  function readChoice(item: Record<string, unknown>, message: Record<string, unknown>): void {
    const index = typeof item.index === 'number' ? item.index : 0
    const choice = choices.get(index) ?? openChoice(index)
    choice.read(item)
    if (item.usage) count(item.usage) // [wire] Moonshot
    const reason = textOf(item.finish_reason)
    if (reason === '' || reason === 'null') return
    choice.finish(reason)
    if (isFailureReason(reason)) fail({ message: 'The upstream failed while it answered.', code: reason, ...message })
  }

  function openChoice(index: number): ChatChoice {
    const choice = createChatChoice(index === 0 ? emit : event => emit({ ...event, choice: index } as FinishEvent))
    choices.set(index, choice)
    return choice
  }

  /** [wire] Perplexity repeats its list with every message, xAI sends it with the last. Results have titles: they come first. */
  function readCitations(message: Record<string, unknown>): void {
    const first = choices.get(0) ?? openChoice(0)
    for (const sources of [message.search_results, message.citations]) if (Array.isArray(sources)) first.cite(sources)
  }

  function readGroq(groq: Record<string, unknown>, message: Record<string, unknown>): void {
    if (groq.usage && !message.usage) count(groq.usage)
    if (groq.error) fail(groq)
  }

  return {
    read,
    close() {
      for (const choice of choices.values()) choice.close()
    },
    proven: () => choices.size > 0 && [...choices.values()].every(choice => choice.finishReason !== null),
    outcome() {
      const first = choices.get(0)
      return outcomeOfReason(first?.finishReason ?? null, first?.hasCalls ?? false)
    },
  }
}
