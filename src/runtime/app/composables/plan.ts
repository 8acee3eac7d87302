import { toValue } from 'vue'
import { isStreamError, StreamError } from '../../shared/errors'
import { loadProtocol } from '../../shared/protocols'
import { toJsonSchema } from '../../shared/schema'
import type { ProtocolName } from '../../shared/wire'
import type { LlmStream } from '../llm-stream'
import { connectOnce } from '../run/connection'
import { buildRequest } from '../run/request'
import type { Concurrency, StreamPlan } from '../run/stream'
import type { UseStreamOptions } from './stream-options'

/** Resolves what a run needs, at the moment of its `start`. Whatever throws on the way is the run's error. */
export function resolvePlan(input: unknown, options: UseStreamOptions<unknown, ProtocolName>, { endpoint, heartbeat }: LlmStream): StreamPlan {
  let concurrency: Concurrency = 'replace'
  try {
    concurrency = toValue(options.concurrency) ?? concurrency
    const protocol = toValue(options.protocol) ?? 'chat'
    const schema = toValue(options.schema)
    const { firstByte = 120_000, idle = idleTimeout(heartbeat), total = Infinity } = toValue(options.timeouts) ?? {}
    const request = buildRequest(input, {
      url: toValue(options.url),
      endpoint: toValue(options.endpoint) ?? endpoint,
      upstream: toValue(options.upstream),
      protocol,
      model: toValue(options.model),
      body: toValue(options.body),
      headers: toValue(options.headers),
      jsonSchema: schema && toJsonSchema(schema),
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    })
    return {
      concurrency,
      connect: () => connectOnce(request),
      protocol: loadProtocol(protocol),
      schema,
      timeouts: { firstByte, idle, total },
      retry: toValue(options.retry) ?? 0,
      publish: toValue(options.publish) ?? 'frame',
    }
  }
  catch (cause) {
    return { concurrency, error: isStreamError(cause) ? cause : invalidRequest(cause) }
  }
}

/** Three heartbeats may get lost before the connection counts as dead; without any, silence says nothing. */
function idleTimeout(heartbeat: number | false): number {
  return heartbeat === false ? Infinity : Math.max(60_000, 3 * heartbeat)
}

function invalidRequest(cause: unknown): StreamError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new StreamError({ code: 'invalid_request', message: `The request could not be made out of the options of useStream: ${why}`, cause })
}
