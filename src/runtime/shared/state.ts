import type { StreamError } from './errors'
import type { ServerToolEvent, SourceEvent, StreamEvent, TextEndEvent, TextKind, ToolCallEndEvent, ToolCallStartEvent } from './events'
import type { Outcome } from './outcome'
import type { FilePart, SourcePart, StreamPart, TextPart, ToolCallPart } from './parts'
import { append, emptySequence } from './sequence'
import type { Sequence } from './sequence'
import type { Usage } from './usage'

/**
 * What a run has come to so far. Immutable: each event gives a new state, at a cost that does not depend on the length of
 * the text nor on the number of closed parts.
 */
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
  readonly settled: SettledParts
  /** All parts from the oldest open one on. */
  readonly tail: readonly StreamPart[]
  readonly finishReason: string | null
}

/** The parts before the oldest open one, and what they amount to. */
export interface SettledParts {
  readonly parts: Sequence<StreamPart>
  readonly text: string
  readonly reasoning: string
  readonly refusal: string
  readonly toolCalls: readonly ToolCallPart[]
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
  if (state.head.outcome !== null) return state
  switch (event.type) {
    case 'text-start': return open(state, event, newText('text'))
    case 'text-delta': return appendText(state, event, 'text')
    case 'text-end': return endText(state, event, 'text')
    case 'reasoning-start': return open(state, event, newText('reasoning'))
    case 'reasoning-delta': return appendText(state, event, 'reasoning')
    case 'reasoning-end': return endText(state, event, 'reasoning')
    case 'refusal-start': return open(state, event, newText('refusal'))
    case 'refusal-delta': return appendText(state, event, 'refusal')
    case 'refusal-end': return endText(state, event, 'refusal')
    case 'tool-call-start': return startCall(state, event)
    case 'tool-call-delta': return appendArguments(state, event)
    case 'tool-call-end': return endCall(state, event)
    case 'server-tool': return showServerTool(state, event)
    case 'source': return open(state, event, newSource(event))
    case 'file': return open(state, event, newFile(event))
    case 'finish': return putChoice(state, { ...choiceOf(state, event.choice), finishReason: event.reason })
    case 'metadata': return putHead(state, {
      responseId: state.head.responseId ?? event.responseId ?? null,
      model: state.head.model ?? event.model ?? null,
    })
    case 'usage': return putHead(state, { usage: event.usage })
    case 'raw': return state
    case 'end': return endStream(state, event.outcome, event.error ?? null)
    default: return event satisfies never
  }
}

/** Names a part: what all events that touch one have in common. */
interface PartAddress { part: number, choice?: number }

function initialChoice(index: number): ChoiceState {
  return {
    index,
    settled: { parts: emptySequence(), text: '', reasoning: '', refusal: '', toolCalls: [] },
    tail: [],
    finishReason: null,
  }
}

function choiceOf({ choices }: StreamState, index = 0): ChoiceState {
  if (index === 0) return choices[0]
  return choices.find(choice => choice.index === index) ?? initialChoice(index)
}

function partAt({ settled, tail }: ChoiceState, part: number): StreamPart | undefined {
  return tail[part - settled.parts.length]
}

/** A new part at the end of the tail. Its number must be the next one. */
function open(state: StreamState, { part, choice }: PartAddress, value: StreamPart): StreamState {
  const { settled, tail } = choiceOf(state, choice)
  if (part !== settled.parts.length + tail.length) return state
  return putPart(state, { part, choice }, value)
}

function newText(type: TextKind): StreamPart {
  return { type, text: '', state: 'streaming' }
}

function appendText(state: StreamState, { part, choice: index, delta }: PartAddress & { delta: string }, type: TextKind): StreamState {
  const choice = index === undefined ? state.choices[0] : choiceOf(state, index)
  const { settled, tail } = choice
  const at = part - settled.parts.length
  const open = tail[at]
  if (open === undefined || open.type !== type || open.state !== 'streaming') return state
  const grown: StreamPart = { type, text: open.text + delta, state: 'streaming' }
  const next = { index: choice.index, settled, tail: tail.length === 1 ? [grown] : replaced(tail, at, grown), finishReason: choice.finishReason }
  return state.choices.length === 1 ? { choices: [next], head: state.head } : putChoice(state, next)
}

function replaced(tail: readonly StreamPart[], at: number, part: StreamPart): StreamPart[] {
  const copy = tail.slice()
  copy[at] = part
  return copy
}

function endText(state: StreamState, event: TextEndEvent, type: TextKind): StreamState {
  const open = partAt(choiceOf(state, event.choice), event.part)
  if (open?.type !== type || open.state !== 'streaming') return state
  return putPart(state, event, closeText({ ...open, text: event.text ?? open.text }, event.providerMetadata))
}

function closeText<T extends Pick<TextPart, 'state' | 'providerMetadata'>>(part: T, providerMetadata = part.providerMetadata): T {
  return { ...part, state: 'done', ...(providerMetadata && { providerMetadata }) }
}

function startCall(state: StreamState, event: ToolCallStartEvent): StreamState {
  const { id, name, kind, providerMetadata } = event
  const known = partAt(choiceOf(state, event.choice), event.part)
  if (known?.type === 'tool-call') {
    if (known.state !== 'streaming') return state
    return putPart(state, event, { ...known, id, name, ...(providerMetadata && { providerMetadata }) })
  }
  return open(state, event, {
    type: 'tool-call', id, name, arguments: '', state: 'streaming', ...(kind && { kind }), ...(providerMetadata && { providerMetadata }),
  })
}

function appendArguments(state: StreamState, event: PartAddress & { delta: string }): StreamState {
  const open = partAt(choiceOf(state, event.choice), event.part)
  if (open?.type !== 'tool-call' || open.state !== 'streaming') return state
  return putPart(state, event, { ...open, arguments: open.arguments + event.delta })
}

function endCall(state: StreamState, event: ToolCallEndEvent): StreamState {
  const open = partAt(choiceOf(state, event.choice), event.part)
  if (open?.type !== 'tool-call' || open.state !== 'streaming') return state
  const { arguments: whole = open.arguments, providerMetadata } = event
  return putPart(state, event, {
    ...open, arguments: whole, ...parseArguments(whole, open.kind), ...(providerMetadata && { providerMetadata }),
  })
}

/** Parses the arguments of a closed call. Empty ones mean `{}`; those of a custom call are text. */
function parseArguments(text: string, kind: ToolCallPart['kind']): Pick<ToolCallPart, 'state' | 'input'> {
  if (kind === 'custom') return { state: 'ready', input: text }
  try {
    return { state: 'ready', input: text.trim() === '' ? {} : JSON.parse(text) }
  }
  catch {
    return { state: 'invalid' } // the text stays in `arguments`
  }
}

function showServerTool(state: StreamState, event: ServerToolEvent): StreamState {
  const { id, name, input, output, providerMetadata } = event
  const value: StreamPart = {
    type: 'server-tool', id, name, state: event.state,
    ...(input !== undefined && { input }), ...(output !== undefined && { output }), ...(providerMetadata && { providerMetadata }),
  }
  const known = partAt(choiceOf(state, event.choice), event.part)
  return known?.type === 'server-tool' && isOpen(known) ? putPart(state, event, value) : open(state, event, value)
}

function newSource({ id: sourceId, url, title, mediaType, filename, providerMetadata }: SourceEvent): SourcePart {
  const more = { ...(filename !== undefined && { filename }), ...(providerMetadata && { providerMetadata }) }
  return url === undefined
    ? { type: 'source-document', sourceId, mediaType: mediaType ?? 'text/plain', title: title ?? filename ?? sourceId, ...more }
    : { type: 'source-url', sourceId, url, ...(title !== undefined && { title }), ...more }
}

function newFile({ url, mediaType, filename, providerMetadata }: Omit<FilePart, 'type'>): FilePart {
  return { type: 'file', mediaType, url, ...(filename !== undefined && { filename }), ...(providerMetadata && { providerMetadata }) }
}

function endStream(state: StreamState, outcome: Outcome, error: StreamError | null): StreamState {
  return {
    choices: state.choices.map(endChoice) as unknown as StreamState['choices'], // as long as before
    head: { ...state.head, outcome, error },
  }
}

/** Text that was open is done, since no more will come. A call that was open stays so: it must not be executed. */
function endChoice(choice: ChoiceState): ChoiceState {
  return settle({ ...choice, tail: choice.tail.map(part => 'text' in part && isOpen(part) ? closeText(part) : part) })
}

function putHead(state: StreamState, change: Partial<StreamHead>): StreamState {
  return { choices: state.choices, head: { ...state.head, ...change } }
}

function putPart(state: StreamState, { part, choice: index }: PartAddress, value: StreamPart): StreamState {
  const choice = choiceOf(state, index)
  const at = part - choice.settled.parts.length
  const tail = choice.tail.length === 1 && at === 0 ? [value] : choice.tail.slice()
  tail[at] = value
  const next = { index: choice.index, settled: choice.settled, tail, finishReason: choice.finishReason }
  return putChoice(state, at === 0 && !isOpen(value) ? settle(next) : next)
}

function putChoice({ choices, head }: StreamState, choice: ChoiceState): StreamState {
  if (choices.length === 1 && choice.index === 0) return { choices: [choice], head }
  const others = choices.filter(({ index }) => index !== choice.index)
  const at = others.findIndex(({ index }) => index > choice.index)
  others.splice(at === -1 ? others.length : at, 0, choice)
  return { choices: others as unknown as StreamState['choices'], head } // choice 0 is always among them
}

/** Moves the closed parts that lead the tail to the settled ones. */
function settle({ index, settled, tail, finishReason }: ChoiceState): ChoiceState {
  let { parts, text, reasoning, refusal, toolCalls } = settled
  let at = 0
  for (; at < tail.length; at++) {
    const part = tail[at]!
    if (isOpen(part)) break
    parts = append(parts, part)
    if (part.type === 'text') text += part.text
    else if (part.type === 'reasoning') reasoning += part.text
    else if (part.type === 'refusal') refusal += part.text
    else if (part.type === 'tool-call') toolCalls = [...toolCalls, part]
  }
  return { index, settled: { parts, text, reasoning, refusal, toolCalls }, tail: tail.slice(at), finishReason }
}

function isOpen(part: StreamPart): boolean {
  return 'state' in part && (part.state === 'streaming' || part.state === 'running')
}
