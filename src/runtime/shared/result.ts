import type { StreamError } from './errors'
import type { TextKind } from './events'
import type { Outcome } from './outcome'
import type { StreamPart, ToolCall } from './parts'
import type { ChoiceState, StreamState } from './state'
import type { Usage } from './usage'

/** One of several answers to the same request (`n > 1`). */
export interface Choice {
  index: number
  text: string
  reasoning: string
  refusal: string
  parts: readonly StreamPart[]
  toolCalls: readonly ToolCall[]
  finishReason: string | null
}

/** What a run came to. With several choices the fields outside `choices` are choice 0's. */
export interface StreamResult<TObject = unknown> {
  /** `null` only for a run that was left with `disconnect`. */
  outcome: Outcome | null
  text: string
  reasoning: string
  refusal: string
  toolCalls: readonly ToolCall[]
  choices: readonly Choice[]
  object?: TObject
  usage: Usage | null
  finishReason: string | null
  model: string | null
  responseId: string | null
  error: StreamError | null
}

/** What the run has come to. */
export function toResult({ choices: states, head }: StreamState): StreamResult {
  const choices = states.map(toChoice)
  const { index, parts, ...first } = choices[0]!
  return { ...head, ...first, choices }
}

function toChoice(choice: ChoiceState): Choice {
  return { ...choice, text: toText(choice, 'text'), reasoning: toText(choice, 'reasoning'), refusal: toText(choice, 'refusal') }
}

/** All text of one kind that a choice has so far, in order of arrival, joined with nothing between. */
function toText({ parts }: ChoiceState, kind: TextKind): string {
  let text = ''
  for (const part of parts) if (part.type === kind) text += part.text
  return text
}
