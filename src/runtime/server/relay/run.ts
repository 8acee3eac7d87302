import { HEADERS } from '../../shared/wire'
import { authorizeCaller } from './authorize'
import type { Breakers } from './breaker'
import type { Call } from './call'
import { isBehindUnknownProxy } from './client'
import type { DeliveryTarget } from './deliver'
import { deliver } from './deliver'
import { relayError } from './failures'
import type { Limiter } from './limits/limiter'
import type { Logger } from './logger'
import type { Notices } from './notices'
import type { ResolvedRelayOptions, ResolvedUpstream } from './options'
import { prepareBody } from './prepare'
import type { RunEnd } from './record'
import { estimateTokens, toRecord } from './record'
import { createRequestReader } from './request'
import type { Resume } from './resume'
import type { RunRoute } from './route'
import type { LlmStreamRules } from './rules'
import { traceAttempt } from './tracing'
import type { Transport } from './transport'

/** What the runs of a relay share. */
export interface RunParts {
  options: ResolvedRelayOptions
  rules: LlmStreamRules
  transport: Transport
  limiter: Limiter
  breakers: Breakers
  /** Where runs can be resumed. */
  resume: Resume | undefined
  notices: Notices
  /** Says each thing once. */
  log: Logger
}

/** From `authorize` to the end: steps 3 to 7 of relay.md §2, the delivery, the record. Throws what a run is refused with. */
export async function answerRun(call: Call, { upstream, protocol }: RunRoute, parts: RunParts): Promise<void> {
  const { options, rules, transport, limiter, breakers, resume, notices, log } = parts
  const { exchange, requestId, context, headers, run: { signal } } = call
  Object.assign(context, { upstream: upstream.name, protocol })
  if (isBehindUnknownProxy(exchange, options.trustProxy)) log.warn('A proxy stands in front of the server, but `trustProxy` is 0: all users share its address in limits. Say how many proxies there are.')
  const reader = createRequestReader(call, { upstream, protocol, limits: options.limits, inputRequired: !rules.prepare })

  const caller = await authorizeCaller(call, { action: 'run', upstream: upstream.name, protocol, model: reader.model }, { authorize: rules.authorize, options, body: reader })
  const authorizeMs = performance.now() - call.startedAt
  headers['server-timing'] = `auth;dur=${authorizeMs.toFixed(1)}`
  if (upstream.keyMissing) {
    log.error(`The upstream "${upstream.name}" has no API key, which its provider asks for.`)
    throw relayError('not_configured')
  }

  const admission = await limiter.admit(caller)
  const admittedAt = performance.now()
  const end: RunEnd = { call, authorizeMs, admittedAt, outputTokens: 0 }
  let storing: Promise<void> | undefined
  try {
    const { stream, outputTokens, requestedModel, model, dropped } = await reader.shape(caller.limits)
    Object.assign(end, { outputTokens, requestedModel })
    context.model = model
    if (options.development) warnOfDropped(dropped, log)
    const first = await makeTarget(upstream)
    await admission.reserve(estimateTokens(first.body.byteLength) + outputTokens)

    signal.throwIfAborted()
    const wanted = stream && exchange.headers[HEADERS.resumable] === '1'
    const recorded = wanted ? await resume?.record(call, { caller, protocol, target: first }) : undefined
    const answerHeaders: Record<string, string> = { ...headers, [HEADERS.resumable]: '0' }
    const deliveredAt = performance.now()
    end.report = await deliver({
      sink: recorded?.sink ?? exchange.sink,
      tap: recorded?.tap,
      transport, protocol, stream, requestId, breakers, signal, log,
      startedAt: admittedAt,
      targets: targets(first),
      heartbeat: options.heartbeat,
      limits: caller.limits,
      headers: answerHeaders,
      onAttempt: ({ target, number }) => {
        const span = rules.tracer && traceAttempt(rules.tracer, { target, number, protocol, requestId })
        return {
          onFirst(what) {
            // In time: the head goes out with the first event at the earliest, and its first byte comes before.
            answerHeaders['server-timing'] = `${headers['server-timing']}, upstream;dur=${(performance.now() - deliveredAt).toFixed(1)}`
            span?.onFirst?.(what)
          },
          onEnd: span?.onEnd,
        }
      },
    })
    storing = recorded?.finish(end.report)
    if (end.report.error) notices.failed(end.report.error, call)
  }
  catch (reason) {
    end.reason = reason
    throw reason
  }
  finally {
    const record = toRecord(end)
    admission.release(record.usage.totalTokens)
    notices.finished(record, call)
  }
  await storing

  async function makeTarget(target: ResolvedUpstream): Promise<DeliveryTarget> {
    const { body, model, requestedModel } = await reader.shape(caller.limits, target)
    const bytes = await prepareBody(body, rules.prepare, {
      event: exchange.event, subject: caller.subject, upstream: target.name, protocol, model, requestedModel, signal,
    })
    return { upstream: target, model, body: bytes }
  }

  /** Fallbacks are prepared when it is their turn, which is seldom. One that cannot take this request is passed over. */
  async function* targets(first: DeliveryTarget): AsyncGenerator<DeliveryTarget> {
    yield first
    for (const fallback of fallbacksOf(upstream, options.upstreams)) {
      if (!fallback.urls[protocol] || fallback.keyMissing) continue
      const target = await makeTarget(fallback).catch(() => undefined)
      if (target) yield target
    }
  }
}

/** In turn; the options have been checked for circles. */
function* fallbacksOf({ fallback }: ResolvedUpstream, upstreams: ReadonlyMap<string, ResolvedUpstream>): Generator<ResolvedUpstream> {
  for (let name = fallback; name !== undefined;) {
    const upstream = upstreams.get(name)!
    yield upstream
    name = upstream.fallback
  }
}

function warnOfDropped(keys: readonly string[], log: Logger): void {
  for (const key of keys) log.warn(`\`${key}\` was left out of a request: name it in \`params.allow\` to let it pass.`)
}
