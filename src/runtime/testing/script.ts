import type { Outcome } from '../shared/outcome'
import type { Fault } from './answer'

/**
 * An answer in no protocol's words: the fake upstream writes it as Chat Completions, Responses or Messages, streamed or as
 * one JSON, by what the call asks for.
 *
 * @example
 * import { createFakeUpstream } from 'nuxt-llm-stream/testing'
 *
 * createFakeUpstream({ respond: () => ({ reasoning: 'Easy.', text: 'Four.', usage: { outputTokens: 2 } }) })
 * createFakeUpstream({ respond: () => ({ toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }) })
 * createFakeUpstream({ respond: () => ({ text: 'So far so', error: { message: 'Overloaded' } }) }) // breaks in the stream
 * createFakeUpstream({ respond: () => ({ status: 429, headers: { 'retry-after': '2' } }) })
 */
export interface Script {
  /** Streamed a word or so at a time; an array is streamed piece by piece, exactly so. */
  text?: string | readonly string[]
  /** Comes before the text. */
  reasoning?: string | readonly string[]
  /** Comes after the text. */
  refusal?: string | readonly string[]
  /** Come last. */
  toolCalls?: readonly ScriptedToolCall[]
  /** How the upstream says that it ended. @default 'tool-calls' with tool calls, else 'complete' */
  outcome?: ScriptedOutcome
  /** `false`: says nothing about usage. @default four characters a token */
  usage?: ScriptedUsage | false
  /** Ends the answer with an error of the protocol: in the stream after the content, or as the body of a `status`. */
  error?: ScriptedError
  /** Anything but 200 answers with an error and no content. @default 200 */
  status?: number
  /** Laid over the usual headers. */
  headers?: Record<string, string>
  /** @default the model of the call */
  model?: string
  /** @default made from the number of the call */
  id?: string
  /** Milliseconds before each frame but the first. @default 0 */
  delay?: number
  /** What goes wrong on the way: `resetAfter(2)`, `stallAfter(0)` … Several are applied in order. */
  fault?: Fault | readonly Fault[]
}

/** Ways in which an upstream can say that it ended. */
export type ScriptedOutcome = Exclude<Outcome, 'failed' | 'stopped' | 'truncated'>

/** A call that the fake model makes. */
export interface ScriptedToolCall {
  name: string
  /** JSON text (which may be broken), or a value to make it of. @default {} */
  arguments?: unknown
  /** @default made from the number of the call */
  id?: string
}

/** Token counts; what is left out is estimated. */
export interface ScriptedUsage {
  inputTokens?: number
  outputTokens?: number
  reasoningTokens?: number
  cachedInputTokens?: number
}

/** An error in the words of the protocol. */
export interface ScriptedError {
  /** @default a sentence about the status */
  message?: string
  /** The protocol's error class. @default by the status */
  type?: string
  /** OpenAI's error code. @default null */
  code?: string | null
}

/** A script with every default in place: what the formats of the protocols work with. */
export interface ResolvedScript {
  id: string
  model: string
  text: readonly string[]
  reasoning: readonly string[]
  refusal: readonly string[]
  toolCalls: readonly { id: string, name: string, pieces: readonly string[] }[]
  outcome: ScriptedOutcome
  usage: Required<ScriptedUsage> | undefined
  error: ResolvedError | undefined
}

export type ResolvedError = Required<ScriptedError> & { status: number }

/** What a script does not say is taken from the call that it answers. */
export function resolveScript(script: Script, call: { index: number, model?: string, requestLength: number }): ResolvedScript {
  const { text = [], reasoning = [], refusal = [], toolCalls = [] } = script
  const id = script.id ?? `${call.index + 1}`
  const resolved = {
    id,
    model: script.model ?? call.model ?? 'fake-model',
    text: toPieces(text),
    reasoning: toPieces(reasoning),
    refusal: toPieces(refusal),
    toolCalls: toolCalls.map((toolCall, index) => ({
      id: toolCall.id ?? `call_${id}_${index + 1}`,
      name: toolCall.name,
      pieces: toPieces(toJsonText(toolCall.arguments ?? {})),
    })),
    outcome: script.outcome ?? (toolCalls.length > 0 ? 'tool-calls' : 'complete'),
    error: script.error && resolveError(script.error, script.status ?? 500),
  }
  return { ...resolved, usage: script.usage === false ? undefined : resolveUsage(resolved, call.requestLength, script.usage) }
}

export function resolveError({ message, type, code = null }: ScriptedError, status: number): ResolvedError {
  return {
    status,
    message: message ?? `The fake upstream answers ${status}, as its script says.`,
    type: type ?? errorType(status),
    code,
  }
}

/** A word or so for Latin text, one or two characters for Chinese; never half a character. Joined they are the text. */
const piece = /\s*(?:\p{Script=Han}{1,2}|[^\s\p{Script=Han}]{1,8})|\s+/gu

function toPieces(text: string | readonly string[]): readonly string[] {
  return typeof text === 'string' ? text.match(piece) ?? [] : text
}

function toJsonText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function resolveUsage(
  { text, reasoning, refusal, toolCalls }: Omit<ResolvedScript, 'usage'>,
  requestLength: number,
  said: ScriptedUsage = {},
): Required<ScriptedUsage> {
  const reasoningTokens = said.reasoningTokens ?? toTokens(reasoning)
  const spoken = toTokens([...text, ...refusal, ...toolCalls.flatMap(toolCall => toolCall.pieces)])
  return {
    inputTokens: said.inputTokens ?? Math.ceil(requestLength / 4),
    outputTokens: said.outputTokens ?? spoken + reasoningTokens,
    reasoningTokens,
    cachedInputTokens: said.cachedInputTokens ?? 0,
  }
}

function toTokens(pieces: readonly string[]): number {
  return Math.ceil(pieces.join('').length / 4)
}

function errorType(status: number): string {
  switch (status) {
    case 400: case 404: case 413: case 422: return 'invalid_request_error'
    case 401: return 'authentication_error'
    case 403: return 'permission_error'
    case 429: return 'rate_limit_error'
    case 529: return 'overloaded_error'
    default: return 'server_error'
  }
}
