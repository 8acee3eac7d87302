import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import type { ResolvedUpstream } from './options'
import type { Sink } from './sink'
import type { Transport, TransportResponse } from './transport'
import { isStreamError } from '../../shared/errors'
import { outcomeOfError } from '../../shared/outcome'
import { createAnswer } from './answer'
import { systemClock } from './clock'
import { createDeadlines } from './deadlines'
import { relayError } from './failures'
import { pump } from './pump'
import { createSniffer } from './sniff'
import { readRefusal, toTransportRequest } from './upstream'

/** Everything after `prepare`: a request that is allowed, and the client that waits for its answer. */
export interface Delivery {
  sink: Sink
  transport: Transport
  protocol: ProtocolName
  /** Whether the client asked for SSE. */
  stream: boolean
  /** The upstreams to try, in order: the one that was asked for, then its fallbacks. Each with the body it gets. */
  targets: readonly DeliveryTarget[]
  requestId: string
  /** Milliseconds between comment frames while nothing else is sent; `false`: none. */
  heartbeat: number | false
  limits: { eventBytes: number, streamBytes: number, jsonBytes: number }
  /**
   * Aborts when the run must end. Its reason says why: a `StreamError` is told to the client (`server_restarting`); the
   * strings `stop` and `orphaned` end the run as that; anything else means that the client is gone.
   */
  signal: AbortSignal
  /** Headers that every answer of this request carries (request id, CORS, timing …), lower-case. */
  headers: Record<string, string>
}

export interface DeliveryTarget {
  upstream: ResolvedUpstream
  /** The real model name, for records. */
  model: string
  /** The serialised request; the same bytes on every attempt. */
  body: Uint8Array
}

/** What came of it. Metadata only, never content. */
export interface DeliveryReport {
  outcome: Outcome
  /** Why it did not end by itself: an error code, `disconnected`, `stop` or `orphaned`. */
  reason?: string
  /** Status of the answer, also where an error frame came later. */
  status: number
  /** The target that answered, or was tried last. */
  target: DeliveryTarget
  /** Calls made upstream, retries and fallbacks included; 0: none was. */
  attempts: number
  upstreamRequestId?: string
  events: number
  /** Bytes of the answer's frames. */
  bytes: number
  /** As the wire said it; `null`: it did not, so it must be estimated. */
  usage: Usage | null
  timings: { firstByteMs?: number, firstEventMs?: number, totalMs: number }
  /** For `onError`; its `cause` never leaves the server. */
  error?: StreamError
}

const HEARTBEAT_FRAME = Uint8Array.of(0x3A, 0x0A, 0x0A)

/** Calls the upstream and moves its answer to the client. Never rejects; when it settles, the answer has ended. */
export async function deliver(delivery: Delivery): Promise<DeliveryReport> {
  const { sink, transport, protocol, stream, targets, limits, signal, headers, requestId } = delivery
  const clock = systemClock
  const target = targets[0]!
  const { timeouts } = target.upstream
  const answer = createAnswer(sink, headers, requestId)
  const sniffer = createSniffer(protocol)
  const startedAt = clock.now()
  const timings: DeliveryReport['timings'] = { totalMs: 0 }
  const heartbeat = stream && delivery.heartbeat !== false ? delivery.heartbeat : Infinity
  const run = new AbortController()
  const deadlines = createDeadlines(clock, onDue)
  const onAbort = () => run.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  const { due } = deadlines
  due.total = startedAt + timeouts.total
  due.firstByte = startedAt + timeouts.firstByte
  due.heartbeat = startedAt + heartbeat
  deadlines.rearm()

  let events = 0
  let bytes = 0
  let upstreamRequestId: string | undefined
  let reason: unknown
  try {
    const response = await transport.open(toTransportRequest(target, protocol, stream), run.signal)
    upstreamRequestId = response.headers['x-request-id'] ?? response.headers['request-id']
    reason = response.status === 200 ? await answerWith(response) : await readRefusal(response, run.signal)
  }
  catch (error) {
    reason = error
  }
  deadlines.stop()
  signal.removeEventListener('abort', onAbort)
  return end(reason)

  async function answerWith(response: TransportResponse): Promise<unknown> {
    const result = await pump({
      body: response.body, sniffer, answer, sink, deadlines, timeouts, heartbeat, limits, clock, signal: run.signal, onFirst,
    })
    events = result.events
    bytes = result.bytes
    return result.error
  }

  function onFirst(what: 'byte' | 'event'): void {
    timings[what === 'byte' ? 'firstByteMs' : 'firstEventMs'] ??= clock.now() - startedAt
  }

  function onDue(deadline: keyof typeof due): void {
    switch (deadline) {
      case 'heartbeat':
        due.heartbeat = clock.now() + heartbeat
        if (due.slowClient === Infinity) answer.write(HEARTBEAT_FRAME)
        return
      case 'slowClient':
        sink.destroy()
        return run.abort(relayError('slow_client'))
      case 'firstByte': return run.abort(relayError('upstream_timeout'))
      case 'total': return run.abort(relayError('total_timeout'))
      default: return run.abort(relayError('idle_timeout'))
    }
  }

  function end(cause: unknown): DeliveryReport {
    timings.totalMs = clock.now() - startedAt
    const report = { status: answer.status, target, attempts: 1, upstreamRequestId, events, bytes, usage: sniffer.usage, timings }
    if (cause === undefined) {
      sink.end()
      return { ...report, outcome: sniffer.outcome }
    }
    if (isStreamError(cause)) {
      answer.fail(cause)
      return { ...report, status: answer.status, outcome: outcomeOfError(cause), reason: cause.code, error: cause }
    }
    if (signal.aborted) {
      sink.destroy()
      return { ...report, outcome: 'stopped', reason: cause === 'stop' || cause === 'orphaned' ? cause : 'disconnected' }
    }
    const error = relayError('internal', { cause })
    answer.fail(error)
    return { ...report, status: answer.status, outcome: 'failed', reason: error.code, error }
  }
}
