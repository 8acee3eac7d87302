import type { StreamError } from './errors'
import type { ProviderMetadata, SourceEvent, StreamEvent, TextKind } from './events'
import type { Outcome } from './outcome'
import type { ReasoningPart, RefusalPart, SourcePart, StreamPart, TextPart, ToolCallPart } from './parts'
import type { Usage } from './usage'

/** What a run has come to so far. Immutable: each event gives a new state, at a cost that does not depend on the length of the text. */
export interface StreamState {
  /** Choice 0 first, the others in order of their index. */
  readonly choices: readonly [ChoiceState, ...ChoiceState[]]
  readonly head: StreamHead
}

/** What changes seldom. */
export interface StreamHead {
  readonly responseId: string | null
  readonly model: string | null
  readonly usage: Usage | null
  /** `null` while the run goes on. */
  readonly outcome: Outcome | null
  readonly error: StreamError | null
}

export interface ChoiceState {
  readonly index: number
  /** In order of arrival. One that is closed stays the same object. */
  readonly parts: readonly StreamPart[]
  /** Those that the app has to answer. The same array until one is added or changes. */
  readonly toolCalls: readonly ToolCallPart[]
  readonly finishReason: string | null
}

/** The state before the first event. */
export function initialState(): StreamState {
  return {
    choices: [initialChoice(0)],
    head: { responseId: null, model: null, usage: null, outcome: null, error: null },
  }
}

/** The state after `event`. Events that do not fit, such as a delta to a closed part or anything after `end`, change nothing. */
export function reduceStream(state: StreamState, event: StreamEvent): StreamState {
  const { choices, head } = state
  if (head.outcome !== null) return state
  switch (event.type) {
    case 'raw': return state
    case 'usage': return { choices, head: { ...head, usage: event.usage } }
    case 'metadata': {
      const { responseId = null, model = null } = event
      return { choices, head: { ...head, responseId: head.responseId ?? responseId, model: head.model ?? model } }
    }
    case 'finish': return putChoice(state, { ...choiceOf(state, event.choice), finishReason: event.reason })
    case 'end': return {
      choices: choices.map(endChoice) as unknown as StreamState['choices'], // as long as before
      head: { ...head, outcome: event.outcome, error: event.error ?? null },
    }
    default: return reducePart(state, event)
  }
}

/** The events that open, change or close one part. */
type PartEvent = Extract<StreamEvent, { part: number }>

function initialChoice(index: number): ChoiceState {
  return { index, parts: [], toolCalls: [], finishReason: null }
}

function choiceOf({ choices }: StreamState, index = 0): ChoiceState {
  if (index === 0) return choices[0]
  return choices.find(choice => choice.index === index) ?? initialChoice(index)
}

function putChoice({ choices, head }: StreamState, choice: ChoiceState): StreamState {
  if (choices.length === 1 && choice.index === 0) return { choices: [choice], head } // most answers, with each delta
  const all = [...choices.filter(({ index }) => index !== choice.index), choice].sort((a, b) => a.index - b.index)
  return { choices: all as unknown as StreamState['choices'], head } // choice 0 is always among them
}

function reducePart(state: StreamState, event: PartEvent): StreamState {
  const { index, parts: before, toolCalls, finishReason } = choiceOf(state, event.choice)
  const known = before[event.part]
  // A part that is closed stays as it is, and a new one has the next number.
  const fits = known ? isOpen(known) : event.part === before.length
  const part = fits && nextPart(known, event)
  if (!part) return state
  const parts = before.slice()
  parts[event.part] = part
  return putChoice(state, { index, parts, toolCalls: isCall(part) ? putCall(toolCalls, known, part) : toolCalls, finishReason })
}

/** The calls with one of them replaced, or with one more: parts, and calls with them, are numbered in order of arrival. */
function putCall(calls: readonly ToolCallPart[], known: StreamPart | undefined, call: ToolCallPart): readonly ToolCallPart[] {
  const at = calls.lastIndexOf(known as ToolCallPart) // -1 for a part of another kind, or none
  return at < 0 ? [...calls, call] : calls.with(at, call)
}

/** The part that an event makes of one that is open, or of none; `undefined`: it is for another kind of part. */
function nextPart(known: StreamPart | undefined, event: PartEvent): StreamPart | undefined {
  switch (event.type) {
    case 'text-start': case 'reasoning-start': case 'refusal-start':
      return known ? undefined : { type: kindOf(event.type), text: '', state: 'streaming' }
    case 'text-delta': case 'reasoning-delta': case 'refusal-delta':
      return isText(known, event.type) ? { type: known.type, text: known.text + event.delta, state: 'streaming' } : undefined
    case 'text-end': case 'reasoning-end': case 'refusal-end':
      return isText(known, event.type) ? { ...known, text: event.text ?? known.text, state: 'done', ...metadataOf(event) } : undefined
    case 'tool-call-start':
      if (known) return isCall(known) ? { ...known, id: event.id, name: event.name, ...metadataOf(event) } : undefined
      return { ...contentOf(event), type: 'tool-call', arguments: '', state: 'streaming' }
    case 'tool-call-delta':
      return isCall(known) ? { ...known, arguments: known.arguments + event.delta } : undefined
    case 'tool-call-end':
      return isCall(known) ? { ...parseArguments({ ...known, arguments: event.arguments ?? known.arguments }), ...metadataOf(event) } : undefined
    case 'server-tool': return !known || known.type === 'server-tool' ? contentOf(event) : undefined
    case 'source': return known ? undefined : toSource(event)
    case 'file': return known ? undefined : contentOf(event)
    default: return event satisfies never
  }
}

function kindOf(type: `${TextKind}-${string}`): TextKind {
  return type.slice(0, type.indexOf('-')) as TextKind // what stands before the dash
}

function isText(part: StreamPart | undefined, type: `${TextKind}-${string}`): part is TextPart | ReasoningPart | RefusalPart {
  return part !== undefined && type.startsWith(part.type) // no type of a part begins another's
}

function isCall(part: StreamPart | undefined): part is ToolCallPart {
  return part?.type === 'tool-call'
}

function metadataOf({ providerMetadata }: { providerMetadata?: ProviderMetadata }) {
  return providerMetadata && { providerMetadata }
}

/** What an event says of its part, beside which one that is. */
function contentOf<T extends PartEvent>({ part, choice, raw, ...content }: T): Omit<T, 'part' | 'choice' | 'raw'> {
  return content
}

/** A closed call. Empty arguments mean `{}`; those of a custom call are text. */
function parseArguments(call: ToolCallPart): ToolCallPart {
  const { arguments: text, kind } = call
  if (kind === 'custom') return { ...call, state: 'ready', input: text }
  try {
    return { ...call, state: 'ready', input: text.trim() === '' ? {} : JSON.parse(text) }
  }
  catch {
    return { ...call, state: 'invalid' } // the text stays in `arguments`
  }
}

function toSource({ id: sourceId, url, title, mediaType = 'text/plain', filename, providerMetadata }: SourceEvent): SourcePart {
  const more = { ...(filename !== undefined && { filename }), ...metadataOf({ providerMetadata }) }
  return url === undefined
    ? { type: 'source-document', sourceId, mediaType, title: title ?? filename ?? sourceId, ...more }
    : { type: 'source-url', sourceId, url, ...(title !== undefined && { title }), ...more }
}

/** Text that was open is done, since no more will come. A call that was open stays so: it must not be executed. */
function endChoice(choice: ChoiceState): ChoiceState {
  return { ...choice, parts: choice.parts.map(part => 'text' in part && isOpen(part) ? { ...part, state: 'done' } : part) }
}

function isOpen({ state }: { type: string, state?: string }): boolean {
  return state === 'streaming' || state === 'running'
}
