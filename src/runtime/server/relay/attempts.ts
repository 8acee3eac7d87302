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

/** Failures that tell of an upstream's health. 4xx do not: one user's prompt can cause them. */
const UNHEALTHY = new Set<unknown>(['upstream_error', 'upstream_unavailable', 'upstream_timeout', 'upstream_unreachable', 'upstream_dns', 'upstream_tls', 'upstream_reset', 'idle_timeout'])

/**
 * Calls the targets until one begins to answer: each again while its failure is a passing one, then the next. After the first
 * event nothing is tried again, since the client has a part of that answer. Never rejects.
 */
export async function callTargets(context: CallContext): Promise<AttemptsEnd> {
  const { targets } = context.delivery
  let attempts = 0
  let last: AttemptsEnd | undefined
  for await (const target of targets) {
    context.watch.follow(target.upstream.timeouts)
    const end = await callTarget(target, context, () => ++attempts)
    last = { ...end, target, attempts }
    if (!mayFallBack(last, context)) break
  }
  return last!
}

async function callTarget(target: DeliveryTarget, context: CallContext, count: () => number): Promise<CallEnd> {
  const { delivery: { breakers, onAttempt, random = Math.random }, watch, clock } = context
  const { name, retries } = target.upstream
  const startedAt = clock.now()
  for (let failures = 0; ; failures++) {
    const refusedMs = breakers?.refuseMs(name) ?? 0
    if (refusedMs > 0) return closedOff(refusedMs)

    const number = count()
    const observer = onAttempt?.({ target, number })
    const end = await callUpstream(target, {
      ...context,
      onFirst(what) {
        context.onFirst(what)
        observer?.onFirst?.(what)
        if (what === 'event') breakers?.tell(name, 'good')
      },
    })
    if (end.events === 0) breakers?.tell(name, isStreamError(end.error) && UNHEALTHY.has(end.error.code) ? 'bad' : 'unknown')
    observer?.onEnd?.(end)

    const waitMs = end.retryAfterMs ?? random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures)
    if (!end.again || failures === retries || clock.now() - startedAt + waitMs > RETRY_WINDOW_MS) return end
    await pause(waitMs, watch.signal, clock)
    if (watch.signal.aborted) return { ...end, error: watch.signal.reason }
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
