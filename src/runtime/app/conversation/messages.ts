import type { ProviderMetadata } from '../../shared/events'
import type { RefusalPart, ServerToolPart, StreamPart, ToolCallPart } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'
import type { Usage } from '../../shared/usage'
import type { MessageMetadata, TextUIPart, ToolUIPart, UIPart } from './ui-message'

/** A run's parts and what they are in a message, position by position. */
export interface ConvertedParts {
  source: readonly StreamPart[]
  parts: readonly UIPart[]
}

/** Nothing converted yet: what a run begins with. */
export const NO_PARTS: ConvertedParts = { source: [], parts: [] }

/** What conversion has to know beside the parts. */
export interface Conversion {
  /** Whether the app declared a tool of that name. */
  isKnown: (name: string) => boolean
  /** Makes the ids of calls that the upstream gave none, or that of another call: this and the number of the part. */
  idPrefix: string
}

/**
 * Converts what a run shows now. A part that is the same object as at the last call keeps its converted object as well, so
 * that components of closed parts have nothing to do.
 */
export function convertParts(source: readonly StreamPart[], last: ConvertedParts, conversion: Conversion): ConvertedParts {
  const parts = source.map((part, index) => {
    const kept = part === last.source[index] ? last.parts[index] : undefined
    return kept ?? toUIPart(part, index, source, conversion)
  })
  return { source, parts }
}

/** Running text is `done` once its run has ended, however it ended. Parts that are done keep their identity. */
export function closeParts(parts: readonly UIPart[]): UIPart[] {
  return parts.map(part => 'state' in part && part.state === 'streaming' ? { ...part, state: 'done' } as UIPart : part)
}

/** What a message's metadata says after one more run: the run's own facts, and the usage of all of them. */
export function addResult(before: MessageMetadata | undefined, result: StreamResult, runId?: string): MessageMetadata {
  const { outcome, model, finishReason, responseId, error } = result
  return {
    outcome,
    usage: addUsage(before?.usage, result.usage),
    model,
    finishReason,
    responseId,
    ...(outcome === null && runId && { runId }),
    ...(error && { error: error.toJSON() }),
  }
}

/** The parts since the last model call began: those of a message's last step. */
export function lastStep(parts: readonly UIPart[]): readonly UIPart[] {
  return parts.slice(parts.findLastIndex(part => part.type === 'step-start') + 1)
}

function toUIPart(part: StreamPart, index: number, source: readonly StreamPart[], conversion: Conversion): UIPart {
  switch (part.type) {
    case 'refusal': return toText(part)
    case 'tool-call': return toToolPart(part, index, source, conversion)
    case 'server-tool': return toServerToolPart(part)
    default: return part // the rest have the shape of a message's parts already
  }
}

function toText({ text, state }: RefusalPart): TextUIPart {
  return { type: 'text', text, state, providerMetadata: { llmStream: { refusal: true } } }
}

function toToolPart(call: ToolCallPart, index: number, source: readonly StreamPart[], { isKnown, idPrefix }: Conversion): ToolUIPart {
  // [wire] Some servers give two calls of one answer the same id: whoever answers one must not find the other.
  const isOwn = call.id && source.find(part => 'id' in part && part.id === call.id) === call
  const base = { ...named(call, isKnown), toolCallId: isOwn ? call.id : `${idPrefix}${index}`, ...callMetadata(call) }
  switch (call.state) {
    case 'streaming': return { ...base, state: 'input-streaming', rawInput: call.arguments }
    case 'ready': return { ...base, state: 'input-available', input: call.kind === 'custom' ? call.arguments : call.input }
    // The answer of such a call is that it makes no sense, and the model hears of it.
    case 'invalid': return { ...base, state: 'output-error', input: undefined, rawInput: call.arguments, errorText: 'The arguments are not valid JSON.' }
  }
}

function toServerToolPart({ id, name, state, input, output }: ServerToolPart): ToolUIPart {
  const base = { type: 'dynamic-tool', toolName: name, toolCallId: id, providerExecuted: true } as const
  switch (state) {
    case 'running': return { ...base, state: 'input-available', input }
    case 'complete': return { ...base, state: 'output-available', input, output }
    case 'failed': return { ...base, state: 'output-error', input, errorText: `${name} failed.` }
  }
}

function named({ name }: ToolCallPart, isKnown: Conversion['isKnown']) {
  return isKnown(name)
    ? { type: `tool-${name}` } as const
    : { type: 'dynamic-tool', toolName: name } as const
}

/** That a call takes free text decides how it is answered, so it travels with the part. */
function callMetadata({ kind, providerMetadata }: ToolCallPart): { callProviderMetadata?: ProviderMetadata } {
  if (kind === 'custom') return { callProviderMetadata: { ...providerMetadata, llmStream: { custom: true } } }
  return providerMetadata ? { callProviderMetadata: providerMetadata } : {}
}

function addUsage(before: Usage | null | undefined, usage: Usage | null): Usage | null {
  if (!before || !usage) return usage ?? before ?? null
  const sum = { ...usage }
  for (const key of Object.keys(before) as Exclude<keyof Usage, 'raw'>[]) { // `raw` is no number
    if (typeof before[key] === 'number') sum[key] = before[key] + (sum[key] ?? 0)
  }
  return sum
}
