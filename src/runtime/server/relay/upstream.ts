import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Delivery, DeliveryTarget } from './deliver'
import type { TransportBody, TransportResponse } from './transport'
import type { Watch } from './watch'
import { isStreamError } from '../../shared/errors'
import { readBody } from './body-reader'
import type { ContentKind, PeekedBody } from './content-type'
import { contentKind, peek } from './content-type'
import { relayError } from './failures'
import { startFlow } from './flow'
import { judgeJson } from './json-answer'
import { LightSignal, onAbort } from './light-signal'
import { errorCode } from './network-errors'
import { readRetryAfter, toToldMs } from './retry-after'
import { isObject } from '../../shared/protocols/json'
import { errorOfStatus, parseJson, reportedError } from './upstream-errors'
import { toTransportRequest } from './upstream-request'

/** What a call needs of its run. */
export interface CallContext {
  delivery: Delivery
  answer: Answer
  watch: Watch
  clock: Clock
  onFirst: CallListener['onFirst']
}

/** Who is told how a call goes. */
export interface CallListener {
  /** The first byte of its answer, and the first event, before it is forwarded. */
  onFirst: (what: 'byte' | 'event') => void
  /** An answer that flowed is over. */
  onEnd: (end: CallEnd) => void
}

/** What came of one call upstream. */
export interface CallEnd {
  /** Why the answer is not whole: a `StreamError`, or the reason of the watch's signal. `undefined`: it is. */
  error?: unknown
  /** Whether the same call may succeed if it is made again at once (relay.md §3). Never after the first event. */
  again: boolean
  /** How long the upstream asks to wait before that, in milliseconds. */
  retryAfterMs?: number
  /** Status of the upstream's answer, where one came. */
  status?: number
  upstreamRequestId?: string
  outcome: Outcome
  usage: Usage | null
  /** What reached the client; 0: nothing is committed. */
  events: number
  bytes: number
}

const RETRIED_STATUSES = new Set([408, 429, 498, 500, 502, 503, 504, 524, 529])
const RETRIED_FAILURES = new Set(['upstream_unreachable', 'upstream_timeout', 'upstream_reset'])

/** Bytes and milliseconds that are spent on the body of a refusal, to tell its kind. */
const REFUSAL_BYTES = 64 * 1024
const REFUSAL_MS = 1000

/** What is known of a call when its answer begins: nothing went through so far. */
type CallHead = CallEnd

const NOTHING = { again: false, outcome: 'failed', usage: null, events: 0, bytes: 0 } as const satisfies CallEnd

/**
 * Calls an upstream once and moves its answer to the client, from the first event on. Settles when it flows, its end being told to
 * the listener, or with what came of it before. Never rejects.
 */
export async function callUpstream(target: DeliveryTarget, context: CallContext, listener: CallListener): Promise<CallEnd | undefined> {
  const { delivery: { transport, protocol, stream, requestId }, watch, watch: { deadlines }, clock } = context
  if (stream) {
    deadlines.due.firstByte = clock.now() + target.upstream.timeouts.firstByte
    deadlines.rearm()
  }
  let response: TransportResponse
  try {
    response = await transport.open(toTransportRequest(target, protocol, stream, requestId), watch.signal)
  }
  catch (error) {
    const { aborted, reason } = watch.signal
    return { ...NOTHING, error: aborted ? reason : error, again: !aborted && isPassing(error) }
  }
  return read(response, { target, context, listener })
}

/** Whether a connection that could not be made, or broke before any answer, is worth another try. */
function isPassing(error: unknown): boolean {
  if (!isStreamError(error)) return false
  if (error.code === 'upstream_dns') return errorCode(error.cause) === 'EAI_AGAIN'
  return RETRIED_FAILURES.has(error.code)
}

/** A call that was answered. */
export interface Answered {
  target: DeliveryTarget
  context: CallContext
  listener: CallListener
}

function read(response: TransportResponse, call: Answered): Promise<CallEnd | undefined> {
  const { status, headers } = response
  const { context } = call
  const head: CallHead = { ...NOTHING, status, upstreamRequestId: headers['x-request-id'] ?? headers['request-id'] }
  if (status !== 200) return readRefusal(response, head, context)
  if (!context.delivery.stream) return readJson(response, head, call)
  const kind = contentKind(headers['content-type'])
  return kind ? readStream(kind, response.body, head, call) : readUnnamed(response.body, head, call)
}

async function readRefusal({ status, headers, body }: TransportResponse, head: CallHead, { watch, clock }: CallContext): Promise<CallEnd> {
  const { signal } = watch
  const enough = new LightSignal()
  const stop = () => enough.abort(signal.reason)
  const timer = clock.setTimeout(stop, REFUSAL_MS)
  const unlink = onAbort(signal, stop)
  const { bytes } = await readBody(body, REFUSAL_BYTES, enough)
  clock.clearTimeout(timer)
  unlink()
  const retryAfterMs = readRetryAfter(headers)
  const error = errorOfStatus(status, parseJson(bytes), toToldMs(retryAfterMs))
  const asked = headers['x-should-retry']
  const retried = RETRIED_STATUSES.has(status) && error.code !== 'upstream_quota'
  return { ...head, error, retryAfterMs, again: asked === 'true' || (retried && asked !== 'false') }
}

/** An answer that does not say what it is: its first bytes tell. */
async function readUnnamed(answered: TransportBody, head: CallHead, call: Answered): Promise<CallEnd | undefined> {
  const { target, context: { watch, delivery: { log } } } = call
  let peeked: PeekedBody
  try {
    peeked = await peek(answered, watch.signal)
  }
  catch (error) {
    return { ...head, error }
  }
  const { kind, body } = peeked
  if (kind === 'sse') log?.warn(`The upstream "${target.upstream.name}" sends event streams without a content type, which are taken for what they look like: let its server say \`content-type: text/event-stream\`.`)
  return readStream(kind, body, head, call)
}

function readStream(kind: ContentKind, body: TransportBody, head: CallHead, call: Answered): Promise<CallEnd | undefined> {
  return kind === 'sse' ? startFlow(body, head, call) : readSomethingElse(kind, body, head, call.context)
}

/** `[wire]` xAI, asked for SSE, says an error in JSON with status 200. */
async function readSomethingElse(kind: 'json' | 'other', body: TransportBody, head: CallHead, { watch }: CallContext): Promise<CallEnd> {
  if (kind === 'other') {
    body.cancel()
    return { ...head, error: relayError('upstream_bad_content_type') }
  }
  const { bytes } = await readBody(body, REFUSAL_BYTES, watch.signal)
  return { ...head, error: reportedError(parseJson(bytes)) ?? relayError('upstream_bad_content_type') }
}

async function readJson({ headers, body }: TransportResponse, head: CallHead, { context: { delivery, answer, watch }, listener }: Answered): Promise<CallEnd> {
  const kind = contentKind(headers['content-type']) ?? 'json'
  if (kind !== 'json') {
    body.cancel()
    return { ...head, error: relayError('upstream_bad_content_type') }
  }
  const { bytes, end } = await readBody(body, delivery.limits.jsonBytes, watch.signal)
  if (end === 'cut') return { ...head, error: relayError('stream_limit') }
  if (end !== 'whole') return { ...head, error: end.error }
  const json = parseJson(bytes)
  const reported = reportedError(json)
  if (reported) return { ...head, error: reported }
  if (!isObject(json)) return { ...head, error: relayError('upstream_bad_content_type') }

  listener.onFirst('byte')
  listener.onFirst('event')
  const trimmed = trim(bytes)
  answer.json(trimmed)
  return { ...head, ...judgeJson(delivery.protocol, json), events: 1, bytes: trimmed.length }
}

/** `[wire]` DeepSeek keeps a connection open with blank lines before the JSON. */
function trim(bytes: Uint8Array): Uint8Array {
  let start = 0
  let end = bytes.length
  while (start < end && bytes[start]! <= 0x20) start++
  while (end > start && bytes[end - 1]! <= 0x20) end--
  return bytes.subarray(start, end)
}
