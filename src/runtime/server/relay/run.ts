import { HEADERS } from '../../shared/wire'
import { AdmittedRun } from './admitted-run'
import { authorizeCaller } from './authorize'
import type { Breakers } from './breaker'
import type { Call } from './call'
import { findAddressProblem } from './client'
import type { Delivery } from './deliver'
import { deliver } from './deliver'
import { relayError } from './failures'
import type { Limiter } from './limits/limiter'
import type { Logger } from './logger'
import type { Notices } from './notices'
import type { ResolvedRelayOptions, ResolvedUpstream } from './options'
import { estimateTokens } from './record'
import { RequestReader } from './request'
import type { Resume } from './resume'
import type { RunRoute } from './route'
import type { LlmStreamRules } from './rules'
import type { TargetContext } from './targets'
import { prepareFallbacks, prepareTarget } from './targets'
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

/**
 * From `authorize` on: steps 3 to 7 of relay.md §2. Throws what a run is refused with. Settles when its answer is under way, whose end
 * the call is told: an open stream has no suspended function of this.
 */
export async function answerRun(call: Call, { upstream, protocol }: RunRoute, parts: RunParts): Promise<void> {
  const { options, rules, limiter, resume, notices, log } = parts
  const { exchange, context, headers } = call
  Object.assign(context, { upstream: upstream.name, protocol })
  const shared = findAddressProblem(exchange, options.trustProxy)
  if (shared) log.warn(shared)
  const reader = new RequestReader(call, { upstream, protocol, limits: options.limits, inputRequired: !rules.prepare })

  const caller = await authorizeCaller(call, { action: 'run', upstream: upstream.name, protocol, model: reader.model }, { authorize: rules.authorize, options, body: reader })
  const authorizeMs = performance.now() - call.startedAt
  headers['server-timing'] = `auth;dur=${authorizeMs.toFixed(1)}`
  if (upstream.keyMissing) {
    log.error(`The upstream "${upstream.name}" has no API key, which its provider asks for.`)
    throw relayError('not_configured')
  }

  const admission = await limiter.admit(caller)
  const run = new AdmittedRun(call, admission, notices, authorizeMs)
  let delivery: Delivery
  try {
    delivery = await prepareDelivery({ call, caller, reader, protocol, prepare: rules.prepare }, upstream, parts, run)
    await admission.reserve(estimateTokens(delivery.target.bodyBytes) + run.outputTokens)
    call.run.throwIfAborted()
    const wanted = delivery.stream && exchange.headers[HEADERS.resumable] === '1'
    run.recorded = wanted ? await resume?.record(call, { caller, protocol, target: delivery.target }) : undefined
  }
  catch (reason) {
    run.refuse(reason)
    throw reason
  }
  if (run.recorded) Object.assign(delivery, { sink: run.recorded.sink, tap: run.recorded.tap })
  deliver(delivery, run)
}

/** Everything that the delivery needs; `run` learns what the record says of it. */
async function prepareDelivery(context: TargetContext, upstream: ResolvedUpstream, { options, rules, transport, breakers, log }: RunParts, run: AdmittedRun): Promise<Delivery> {
  const { call, caller, reader, protocol } = context
  const { exchange, requestId, run: signal } = call
  const { target, stream, model, requestedModel, outputTokens, dropped } = await prepareTarget(upstream, context)
  Object.assign(run, { outputTokens, requestedModel })
  call.context.model = model
  if (options.development) warnOfDropped(dropped, log)

  const headers: Record<string, string> = { ...call.headers, [HEADERS.resumable]: '0' }
  const { tracer } = rules
  const preparedAt = performance.now()
  return {
    transport, protocol, stream, target, requestId, breakers, headers, signal, log,
    sink: exchange.sink,
    heartbeat: options.heartbeat,
    limits: caller.limits,
    startedAt: run.admittedAt,
    fallbacks: upstream.fallback === undefined ? undefined : () => prepareFallbacks(upstream, options.upstreams, context, log),
    onAttempt: tracer && (attempt => traceAttempt(tracer, { ...attempt, protocol, requestId })),
    onFirst(what) {
      if (what === 'event') return reader.release()
      headers['server-timing'] = `${call.headers['server-timing']}, upstream;dur=${(performance.now() - preparedAt).toFixed(1)}`
    },
  }
}

function warnOfDropped(keys: readonly string[], log: Logger): void {
  for (const key of keys) log.warn(`\`${key}\` was left out of a request: name it in \`params.allow\` to let it pass.`)
}
