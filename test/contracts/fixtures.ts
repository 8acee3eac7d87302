import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StreamError } from '../../src/runtime/shared/errors'
import type { StreamEvent } from '../../src/runtime/shared/events'
import type { Outcome } from '../../src/runtime/shared/outcome'
import type { StreamPart, ToolCall } from '../../src/runtime/shared/parts'
import type { Choice, StreamResult } from '../../src/runtime/shared/result'
import type { SseMessage } from '../../src/runtime/shared/sse'
import type { Usage } from '../../src/runtime/shared/usage'
import type { ProtocolName } from '../../src/runtime/shared/wire'

/** The bytes of one answer (`test/fixtures/wire/<protocol>/<case>.sse`, or the body of a `.http`), and what it comes to. */
export interface WireFixture {
  /** `chat/openai` */
  name: string
  protocol: ProtocolName
  bytes: Uint8Array
  expected: ExpectedAnswer
}

/** Content of a fixture's `.json`. Nothing in it holds `raw`. */
export interface ExpectedAnswer {
  protocol: ProtocolName
  outcome: Outcome
  text: string
  reasoning: string
  refusal: string
  toolCalls: readonly ToolCall[]
  finishReason: string | null
  usage: Omit<Usage, 'raw'> | null
  model: string | null
  responseId: string | null
  error: PlainError | null
  parts: readonly StreamPart[]
  /** Of the choices after the first. */
  choices?: Choice[]
  events: PlainEvent[]
}

export type PlainError = Pick<StreamError, 'code' | 'message' | 'retryable'> & Partial<StreamError>
export type PlainEvent = Omit<StreamEvent, 'raw' | 'error'> & { error?: PlainError }

/** Bytes that are about framing only, and the messages they hold. */
export interface FramingFixture {
  name: string
  bytes: Uint8Array
  messages: SseMessage[]
}

const root = fileURLToPath(new URL('../fixtures/wire/', import.meta.url))

/** The SSE streams of a protocol. */
export function streamFixtures(protocol: ProtocolName): WireFixture[] {
  return casesIn(protocol, '.sse').map(({ name, file, json }) => ({ name, protocol, bytes: readBytes(file), expected: json as ExpectedAnswer }))
}

/** Whole JSON answers of a protocol: what comes for `stream: false`, or instead of a stream. */
export function wholeFixtures(protocol: ProtocolName): WireFixture[] {
  return casesIn('http', '.http').flatMap(({ name, file, json }) => {
    const expected = json as ExpectedAnswer
    const bytes = readBytes(file)
    const body = bytes.subarray(new TextDecoder().decode(bytes).indexOf('\n\n') + 2) // the head is ASCII
    return expected.protocol === protocol ? [{ name, protocol, bytes: body, expected }] : []
  })
}

/** Bytes that are about framing alone. */
export function framingFixtures(): FramingFixture[] {
  return casesIn('framing', '.sse').map(({ name, file, json }) => ({ name, bytes: readBytes(file), ...json as { messages: SseMessage[] } }))
}

/** What a run came to, in the words of a fixture. */
export function toExpected(protocol: ProtocolName, result: StreamResult, events: readonly StreamEvent[]): ExpectedAnswer {
  const { outcome, choices: [first, ...others], error, ...rest } = result
  return plain({
    protocol, outcome, ...rest, error: error && toPlainError(error), parts: first!.parts,
    ...(others.length > 0 && { choices: others }),
    events: events.map(event => 'error' in event ? { ...event, error: toPlainError(event.error!) } : event),
  }) as ExpectedAnswer
}

function toPlainError({ code, message, status, retryable, retryAfterMs, upstreamCode, requestId }: StreamError): PlainError {
  return { code, message, status, retryable, retryAfterMs, upstreamCode, requestId }
}

/** A copy as JSON has it, without the wire's own objects. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => key === 'raw' ? undefined : item))
}

function casesIn(folder: string, extension: string): { name: string, file: string, json: unknown }[] {
  return readdirSync(join(root, folder)).filter(file => file.endsWith(extension)).sort().map((file) => {
    const path = join(root, folder, file)
    const json: unknown = JSON.parse(readFileSync(`${path.slice(0, -extension.length)}.json`, 'utf8'))
    return { name: `${folder}/${file.slice(0, -extension.length)}`, file: path, json }
  })
}

function readBytes(file: string): Uint8Array {
  return new Uint8Array(readFileSync(file))
}
