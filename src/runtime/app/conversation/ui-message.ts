import type { ErrorJson } from '../../shared/errors'
import type { JsonObject, ProviderMetadata } from '../../shared/events'
import type { Outcome } from '../../shared/outcome'
import type { FilePart, SourcePart } from '../../shared/parts'
import type { Usage } from '../../shared/usage'

/**
 * A message as chat components take it: structurally AI SDK's `UIMessage`, both ways. Settled messages are plain values that
 * can be stored as they are.
 */
export interface UIMessage<TMetadata = MessageMetadata, TTools extends ToolTypes = ToolTypes> {
  id: string
  role: 'system' | 'user' | 'assistant'
  /** Of an assistant's message: what its run came to, once it has ended. */
  metadata?: TMetadata
  parts: UIPart<TTools>[]
}

/** Input and output of each tool, by name. */
export type ToolTypes = Record<string, { input: unknown, output: unknown }>

/** A piece of a message; `step-start` stands between an answer's rounds of tool calls. */
export type UIPart<TTools extends ToolTypes = ToolTypes>
  = | TextUIPart | ReasoningUIPart | ToolUIPart<TTools> | SourcePart | FilePart | { type: 'step-start' } | ForeignUIPart

/** What a message's run came to. A message of several steps has the sum of their usage and the rest of the last one. */
export interface MessageMetadata {
  /** `null`: left with `disconnect`. */
  outcome: Outcome | null
  usage: Usage | null
  model: string | null
  finishReason: string | null
  responseId: string | null
  /** The id to resume, of a message that was left with `disconnect`. */
  runId?: string
  /** The failure as plain data, so that the message can be stored. */
  error?: ErrorJson
}

/** Running text. A refusal is one as well, with `providerMetadata: { llmStream: { refusal: true } }`. */
export interface TextUIPart {
  type: 'text'
  text: string
  state?: 'streaming' | 'done'
  providerMetadata?: ProviderMetadata
}

/** What the model shows of its reasoning. */
export interface ReasoningUIPart {
  type: 'reasoning'
  text: string
  state?: 'streaming' | 'done'
  providerMetadata?: ProviderMetadata
}

/** A call, of a tool in `tools` or of any other (`dynamic-tool`), from its first character to its answer. */
export type ToolUIPart<TTools extends ToolTypes = ToolTypes>
  = | { [TName in keyof TTools & string]:
    { type: `tool-${TName}` } & ToolCallBase & ToolCallState<TTools[TName]['input'], TTools[TName]['output']>
  }[keyof TTools & string]
  | { type: 'dynamic-tool', toolName: string } & ToolCallBase & ToolCallState<unknown, unknown>

/** What a call has in every state. */
interface ToolCallBase {
  /** The id that `approve` and `addToolResult` take. */
  toolCallId: string
  title?: string
  toolMetadata?: JsonObject
  /** The upstream ran it itself: shown, never answered. */
  providerExecuted?: boolean
}

/** Where a call stands: still arriving, waiting, or answered. */
type ToolCallState<TInput, TOutput>
  = | Unanswered & { state: 'input-streaming', input?: unknown, rawInput?: string, approval?: never }
    | Unanswered & { state: 'input-available', input: TInput, approval?: never }
    | Unanswered & { state: 'approval-requested', input: TInput, approval: { id: string, approved?: never, reason?: never } }
    | Unanswered & { state: 'approval-responded', input: TInput, approval: Approval }
    | Answer & { state: 'output-available', input: TInput, output: TOutput, errorText?: never, approval?: Approval & { approved: true } }
    | Answer & { state: 'output-error', input: TInput | undefined, rawInput?: unknown, output?: never, errorText: string, approval?: Approval & { approved: true } }
    | Unanswered & { state: 'output-denied', input: TInput, approval: Approval & { approved: false } }

/** What the user decided. */
interface Approval { id: string, approved: boolean, reason?: string }
/** A call that has no output. */
interface Unanswered { output?: never, errorText?: never, callProviderMetadata?: ProviderMetadata }
/** A call that was answered. */
interface Answer { callProviderMetadata?: ProviderMetadata, resultProviderMetadata?: ProviderMetadata }

/** Parts that this package never makes, keeps where it finds them, and never sends. */
export type ForeignUIPart
  = | { type: `data-${string}`, id?: string, data: unknown }
    | { type: 'custom', kind: `${string}.${string}`, providerMetadata?: ProviderMetadata }
    | { type: 'reasoning-file', mediaType: string, url: string, providerMetadata?: ProviderMetadata }
    | { type: 'steering-message', id: string, parts: (TextUIPart | FilePart)[] }

/** The name of the tool that a part calls; `undefined` when it calls none. */
export function toolName(part: UIPart): string | undefined {
  if (part.type === 'dynamic-tool') return part.toolName
  if (part.type.startsWith('tool-')) return part.type.slice('tool-'.length)
}

/** Tells the parts that are calls. */
export function isToolPart(part: UIPart): part is ToolUIPart {
  return toolName(part) !== undefined
}
