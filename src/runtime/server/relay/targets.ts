import type { Caller } from './authorize'
import type { Call } from './call'
import type { DeliveryTarget } from './deliver'
import type { Logger } from './logger'
import { describeError } from './logger'
import type { ResolvedUpstream } from './options'
import type { ShapedRequest } from './params'
import { prepareBody } from './prepare'
import type { RequestReader } from './request'
import type { LlmStreamRules } from './rules'
import { isStreamError } from '../../shared/errors'
import type { ProtocolName } from '../../shared/wire'

export interface TargetContext {
  call: Call
  caller: Caller
  reader: RequestReader
  protocol: ProtocolName
  prepare: LlmStreamRules['prepare']
}

export interface PreparedTarget extends Omit<ShapedRequest, 'body'> {
  target: DeliveryTarget
}

/** The request as one upstream gets it: steps 5 to 7 of relay.md §2. Throws what it is refused with. */
export async function prepareTarget(upstream: ResolvedUpstream, { call, caller, reader, protocol, prepare }: TargetContext): Promise<PreparedTarget> {
  const { body: shaped, ...request } = await reader.shape(caller.limits, upstream)
  const { model, requestedModel } = request
  const body = await prepareBody(shaped, prepare, {
    event: call.exchange.event, subject: caller.subject, upstream: upstream.name, protocol, model, requestedModel,
  }, call.run)
  return { ...request, target: { upstream, model, body, bodyBytes: body.byteLength } }
}

/** Fallbacks are prepared when it is their turn, which is seldom. One that cannot take this request is passed over, and the log says why. */
export async function* prepareFallbacks(
  upstream: ResolvedUpstream, upstreams: ReadonlyMap<string, ResolvedUpstream>, context: TargetContext, log: Logger,
): AsyncGenerator<DeliveryTarget> {
  for (const fallback of fallbacksOf(upstream, upstreams)) {
    if (!fallback.urls[context.protocol] || fallback.keyMissing) continue
    const prepared = await prepareTarget(fallback, context).catch((error: unknown) => {
      if (isStreamError(error) && !context.call.run.aborted) log.error(`The fallback "${fallback.name}" was passed over: ${error.code}${error.cause ? `, ${describeError(error.cause)}` : ''}`)
    })
    if (context.call.run.aborted) return
    if (prepared) yield prepared.target
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
