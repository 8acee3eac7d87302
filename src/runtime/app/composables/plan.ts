import { toValue } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import type { LlmStream } from '../llm-stream'
import { failure } from '../run/failures'
import type { Plan } from '../run/plan'
import type { UseStreamOptions } from './stream-options'

type Options = UseStreamOptions<unknown, ProtocolName>

/** Resolves what a run needs, at the moment of its `start`. What throws on the way is the run's error. */
export function resolvePlan(input: unknown, options: Options, context: LlmStream): Plan {
  const plan: Plan = {
    concurrency: 'replace',
    request: { input, endpoint: context.endpoint, protocol: 'chat', fetch: options.fetch ?? ((url, init) => fetch(url, init)) },
    timeouts: { firstByte: 120_000, idle: idleTimeout(context.heartbeat), total: Infinity },
    retry: 0,
    resumable: false,
    publish: 'frame',
  }
  try {
    plan.concurrency = toValue(options.concurrency) ?? plan.concurrency
    plan.retry = toValue(options.retry) ?? plan.retry
    plan.resumable = toValue(options.resume) ?? plan.resumable
    plan.publish = toValue(options.publish) ?? plan.publish
    plan.schema = toValue(options.schema)
    const { firstByte = plan.timeouts.firstByte, idle = plan.timeouts.idle, total = Infinity } = toValue(options.timeouts) ?? {}
    plan.timeouts = { firstByte, idle, total }
    plan.request = {
      ...plan.request,
      url: toValue(options.url),
      endpoint: toValue(options.endpoint) ?? context.endpoint,
      upstream: toValue(options.upstream),
      protocol: toValue(options.protocol) ?? 'chat',
      model: toValue(options.model),
      body: toValue(options.body),
      headers: toValue(options.headers),
    }
  }
  catch (cause) {
    plan.error = failure('An option of the stream could not be resolved', cause)
  }
  return plan
}

/** Three heartbeats may get lost before the connection counts as dead; without any, silence says nothing. */
function idleTimeout(heartbeat: number | false): number {
  return heartbeat === false ? Infinity : Math.max(60_000, 3 * heartbeat)
}
