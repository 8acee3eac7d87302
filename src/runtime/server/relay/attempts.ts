import type { DeliveryTarget } from './deliver'
import type { CallContext, CallEnd } from './upstream'
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

/** No call is begun later than this after the first to the same upstream. */
const RETRY_WINDOW_MS = 30_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8000

const NOTHING = new Uint8Array(0)

/** Failures that tell of an upstream's health. 4xx do not: one user's prompt can cause them. */
const UNHEALTHY = new Set<unknown>(['upstream_error', 'upstream_unavailable', 'upstream_timeout', 'upstream_unreachable', 'upstream_dns', 'upstream_tls', 'upstream_reset', 'idle_timeout'])

/**
 * Calls an upstream, then its fallbacks, until one begins to answer: each again while its failure is a passing one. After the first
 * event nothing is tried again, since the client has a part of that answer. Never rejects.
 */
export function callTargets(context: CallContext): Promise<AttemptsEnd> {
  return callTarget(context.delivery.target, context, 0).then(end => mayFallBack(end, context) ? fallBack(end, context) : end)
}

async function fallBack(last: AttemptsEnd, context: CallContext): Promise<AttemptsEnd> {
  for await (const target of context.delivery.fallbacks?.() ?? []) {
    last = await callTarget(target, context, last.attempts)
    if (!mayFallBack(last, context)) break
  }
  return last
}

/** `before`: calls that others have had. */
async function callTarget(target: DeliveryTarget, context: CallContext, before: number): Promise<AttemptsEnd> {
  const { delivery: { breakers, onAttempt, random = Math.random }, watch, clock } = context
  const { name, retries } = target.upstream
  const startedAt = clock.now()
  watch.follow(target.upstream.timeouts)
  for (let failures = 0; ; failures++) {
    const refusedMs = breakers?.refuseMs(name) ?? 0
    if (refusedMs > 0) return { ...closedOff(refusedMs), target, attempts: before + failures }

    const attempts = before + failures + 1
    const observer = onAttempt?.({ target, number: attempts })
    const end = await callUpstream(target, {
      ...context,
      onFirst(what) {
        context.onFirst(what)
        observer?.onFirst?.(what)
        if (what === 'byte') return
        breakers?.tell(name, 'good')
        target.body = NOTHING // it is not sent again, and may be large
      },
    })
    watch.deadlines.due.firstByte = Infinity // a pause is no waiting for a byte
    if (end.events === 0) breakers?.tell(name, isStreamError(end.error) && UNHEALTHY.has(end.error.code) ? 'bad' : 'unknown')
    observer?.onEnd?.(end)

    const waitMs = end.retryAfterMs ?? random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
    if (!end.again || failures === retries || clock.now() - startedAt + waitMs > RETRY_WINDOW_MS) return { ...end, target, attempts }
    await pause(waitMs, watch.signal, clock)
    if (watch.signal.aborted) return { ...end, target, attempts, error: watch.signal.reason }
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
