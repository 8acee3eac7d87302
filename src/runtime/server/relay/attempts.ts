import type { AttemptObserver, DeliveryTarget } from './deliver'
import type { CallContext, CallEnd, CallListener } from './upstream'
import { isStreamError } from '../../shared/errors'
import { pause } from './clock'
import { relayError } from './failures'
import { toToldMs } from './retry-after'
import { callUpstream } from './upstream'

export interface AttemptsEnd extends CallEnd {
  /** The target that answered, or was tried last. */
  target: DeliveryTarget
  /** Calls made. */
  attempts: number
}

export interface AttemptsContext extends CallContext {
  /** Told how it ends, or how the last call failed. */
  onEnd: (end: AttemptsEnd) => void
}

/** No call is begun later than this after the first to the same upstream. */
const RETRY_WINDOW_MS = 30_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8000

const NOTHING = new Uint8Array(0)

/** Failures that tell of an upstream's health. 4xx do not: one user's prompt can cause them. */
const UNHEALTHY = new Set<unknown>(['upstream_error', 'upstream_unavailable', 'upstream_timeout', 'upstream_unreachable', 'upstream_dns', 'upstream_tls', 'upstream_reset', 'idle_timeout'])

/**
 * Calls an upstream, then its fallbacks, until one answers: each again while its failure is a passing one. After the first event
 * nothing is tried again, since the client has a part of that answer. An answer that flows is waited for by nobody, so that an
 * open stream has no suspended function of this.
 */
export async function callTargets(context: AttemptsContext): Promise<void> {
  const { delivery, watch } = context
  let end = await callTarget(delivery.target, context, 0)
  if (end && mayFallBack(end, context)) {
    for await (const target of delivery.fallbacks?.() ?? []) {
      end = await callTarget(target, context, end.attempts)
      if (!end || !mayFallBack(end, context)) break
    }
    if (watch.over && isStreamError(end?.error)) end.error = watch.signal.reason // it may have ended while one was prepared
  }
  if (end) context.onEnd(end)
}

/** `before`: calls that others have had. Settles without an end when an answer flows. */
async function callTarget(target: DeliveryTarget, context: AttemptsContext, before: number): Promise<AttemptsEnd | undefined> {
  const { delivery: { breakers, random = Math.random }, watch, clock } = context
  const { name, retries } = target.upstream
  const startedAt = clock.now()
  watch.follow(target.upstream.timeouts)
  for (let failures = 0; ; failures++) {
    const refusedMs = breakers?.refuseMs(name) ?? 0
    if (refusedMs > 0) return { ...closedOff(refusedMs), target, attempts: before + failures }

    const attempt = new Attempt(target, before + failures + 1, context)
    const called = await callUpstream(target, context, attempt)
    if (!called) return
    watch.deadlines.due.firstByte = Infinity // a pause is no waiting for a byte
    const end = attempt.toEnd(called)
    if (end.events === 0) breakers?.tell(name, isStreamError(end.error) && UNHEALTHY.has(end.error.code) ? 'bad' : 'unknown')

    const waitMs = end.retryAfterMs ?? random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
    if (!end.again || failures === retries || clock.now() - startedAt + waitMs > RETRY_WINDOW_MS) return end
    await pause(waitMs, watch.signal, clock)
    if (watch.signal.aborted) return { ...end, error: watch.signal.reason }
  }
}

/** One call, and who is told how it goes. */
class Attempt implements CallListener {
  private readonly observer: AttemptObserver | undefined

  constructor(private readonly target: DeliveryTarget, private readonly number: number, private readonly context: AttemptsContext) {
    this.observer = context.delivery.onAttempt?.({ target, number })
  }

  onFirst(what: 'byte' | 'event'): void {
    const { target, context, context: { delivery: { breakers } } } = this
    context.onFirst(what)
    this.observer?.onFirst?.(what)
    if (what === 'byte') return
    breakers?.tell(target.upstream.name, 'good')
    target.body = NOTHING // it is not sent again, and may be large
  }

  onEnd(end: CallEnd): void {
    this.context.onEnd(this.toEnd(end))
  }

  toEnd(end: CallEnd): AttemptsEnd {
    this.observer?.onEnd?.(end)
    return { ...end, target: this.target, attempts: this.number }
  }
}

function closedOff(waitMs: number): CallEnd {
  const error = relayError('upstream_unavailable', { retryAfterMs: toToldMs(waitMs) })
  return { error, again: false, outcome: 'failed', usage: null, events: 0, bytes: 0 }
}

/** Another upstream cannot help a request that is wrong in itself, nor a client that is gone. */
function mayFallBack({ error, events }: CallEnd, { watch }: CallContext): boolean {
  if (events > 0 || watch.over || !isStreamError(error)) return false
  return error.code !== 'upstream_rejected' || error.status !== 400
}
