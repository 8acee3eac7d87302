import type { StreamError } from './errors'
import type { TextKind } from './events'
import type { Outcome } from './outcome'
import type { StreamPart, ToolCall, ToolCallPart } from './parts'
import { toArray } from './sequence'
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

/** All text of one kind that a choice has so far, in order of arrival, joined with nothing between. */
export function toText({ settled, tail }: ChoiceState, kind: TextKind): string {
  let text = settled[kind]
  for (const part of tail) if (part.type === kind) text += part.text
  return text
}

/** All parts of a choice, as an array of its own. */
export function toParts({ settled, tail }: ChoiceState): StreamPart[] {
  return toArray(settled.parts).concat(tail)
}

/** The calls that the app has to answer. The same array as before while none was added or changed. */
export function toToolCalls({ settled, tail }: ChoiceState): readonly ToolCall[] {
  const open = tail.filter((part): part is ToolCallPart => part.type === 'tool-call')
  return open.length === 0 ? settled.toolCalls : settled.toolCalls.concat(open)
}

/** Every choice as people look at it. */
export function toChoices({ choices }: StreamState): Choice[] {
  return choices.map(toChoice)
}

function toChoice(choice: ChoiceState): Choice {
  return {
    index: choice.index,
    text: toText(choice, 'text'),
    reasoning: toText(choice, 'reasoning'),
    refusal: toText(choice, 'refusal'),
    parts: toParts(choice),
    toolCalls: toToolCalls(choice),
    finishReason: choice.finishReason,
  }
}

/** What the run has come to. */
export function toResult(state: StreamState): StreamResult {
  const choices = toChoices(state)
  const { index, parts, ...first } = choices[0]!
  return { ...state.head, ...first, choices }
}
