import { isObject } from '../../shared/protocols/json'
import { collectStream } from '../../shared/read-stream'
import type { StreamResult } from '../../shared/result'
import { createSseReader } from '../../shared/sse'
import type { RecordedUsage, RunTimings } from '../relay/record'
import { concat } from '../relay/body-reader'
import { parseJson } from '../relay/upstream-errors'
import type { Redactor } from './redact'
import { KEPT_BYTES, type WatchedRun } from './runs'
import type { Attempt } from './tap'

/** A run in a list. Everything in it and in {@link RunDetails} may be seen by the developer: secrets are starred out. */
export interface RunSummary {
  id: string
  startedAt: number
  running: boolean
  /** The end of what was asked, in a line. */
  question: string
  upstream?: string
  provider?: string
  protocol?: string
  model?: string
  status?: number
  outcome?: string
  /** Why it did not end by itself. */
  reason?: string
  attempts: number
  bytes: number
  timings: Partial<RunTimings>
  usage?: RecordedUsage
}

export interface RunDetails extends RunSummary {
  path: string
  /** Of the error, with its remedy. */
  message?: string
  /** The request as the relay got it. */
  input: unknown
  calls: AttemptDetails[]
}

/** One call upstream: what was sent, and what came when. */
export interface AttemptDetails {
  upstream: string
  url: string
  headers: Record<string, string>
  /** The request as the upstream got it. */
  body: unknown
  status?: number
  contentType: string
  ending?: string
  /** Code of what it broke with. */
  error?: string
  bytes: number
  chunks: number
  totalMs?: number
  /** Bytes beyond these were not kept. */
  keptBytes: number
  events: WireEvent[]
  /** An answer that is no stream. */
  text?: string
  answer: Pick<StreamResult, 'text' | 'reasoning' | 'refusal' | 'toolCalls' | 'finishReason'>
}

export interface WireEvent {
  /** Milliseconds since the request was sent. */
  ms: number
  event?: string
  data: string
}

export function summariseRun(run: WatchedRun, redact: Redactor): RunSummary {
  const { record, error, context, attempts, totalMs } = run
  const last = attempts.at(-1)
  const request = readJson(last?.request.body ?? run.input, redact)
  return {
    id: run.id,
    startedAt: run.startedAt,
    running: totalMs === undefined,
    question: findQuestion(readJson(run.input, redact)),
    upstream: record?.upstream ?? last?.upstream.name ?? context?.upstream,
    provider: last?.upstream.provider,
    protocol: record?.protocol ?? last?.protocol ?? context?.protocol,
    model: record?.model ?? context?.model ?? (isObject(request) && typeof request.model === 'string' ? request.model : undefined),
    status: record?.status ?? error?.status ?? last?.status,
    outcome: record?.outcome ?? (error && 'failed'),
    reason: record?.reason ?? error?.code,
    attempts: attempts.length,
    bytes: attempts.reduce((sum, { chunks }) => sum + sizeOf(chunks), 0),
    timings: record?.timings ?? { totalMs },
    usage: record?.usage,
  }
}

export async function describeRun(run: WatchedRun, redact: Redactor): Promise<RunDetails> {
  return {
    ...summariseRun(run, redact),
    path: run.path,
    message: run.error?.message,
    input: readJson(run.input, redact),
    calls: await Promise.all(run.attempts.map(attempt => describeAttempt(attempt, redact))),
  }
}

async function describeAttempt({ upstream, protocol, request, chunks, pieces, ...attempt }: Attempt, redact: Redactor): Promise<AttemptDetails> {
  const bytes = redact.bytes(concat(pieces).subarray(0, KEPT_BYTES))
  const isStream = attempt.contentType.includes('event-stream')
  const { text, reasoning, refusal, toolCalls, finishReason } = await collectStream(one(bytes), { protocol })
  return {
    upstream: upstream.name,
    url: redact.url(request.url),
    headers: redact.headers(request.headers),
    body: readJson(request.body, redact),
    status: attempt.status,
    contentType: attempt.contentType,
    ending: attempt.ending,
    error: isObject(attempt.error) && typeof attempt.error.code === 'string' ? attempt.error.code : undefined,
    bytes: sizeOf(chunks),
    chunks: chunks.length,
    totalMs: attempt.endedMs,
    keptBytes: bytes.length,
    events: isStream ? toEvents(bytes, chunks) : [],
    text: isStream ? undefined : new TextDecoder().decode(bytes),
    answer: { text, reasoning, refusal, toolCalls, finishReason },
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function sizeOf(chunks: Attempt['chunks']): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Each event has the time of the chunk that made it whole. */
function toEvents(bytes: Uint8Array, chunks: Attempt['chunks']): WireEvent[] {
  const events: WireEvent[] = []
  let time = 0
  let at = 0
  const reader = createSseReader(({ event, data }) => events.push({ ms: time, event, data }), { eventBytes: KEPT_BYTES })
  for (const { bytes: length, ms } of chunks) {
    time = ms
    reader.push(bytes.subarray(at, at += length))
  }
  reader.end()
  return events
}

function readJson(bytes: Uint8Array | undefined, redact: Redactor): unknown {
  return bytes && parseJson(redact.bytes(bytes))
}

/** Characters of a question in a list. */
const QUESTION_LENGTH = 120

/** What the last message, item or part of a request says in words, in whichever protocol. */
function findQuestion(request: unknown): string {
  let value = isObject(request) ? request.messages ?? request.input : undefined
  while (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) value = value.at(-1)
    else if (isObject(value)) value = value.content ?? value.text ?? value.output
  }
  const text = typeof value === 'string' ? value.trim().replace(/\s+/g, ' ') : ''
  return text.length > QUESTION_LENGTH ? `${text.slice(0, QUESTION_LENGTH)}…` : text
}
