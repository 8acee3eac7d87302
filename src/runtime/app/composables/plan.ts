import { toValue } from 'vue'
import { isStreamError, StreamError } from '../../shared/errors'
import { loadProtocol } from '../../shared/protocols'
import type { ProtocolName } from '../../shared/wire'
import type { LlmStream } from '../llm-stream'
import { buildRequest } from '../run/request'
import type { Plan } from '../run/stream'
import type { UseStreamOptions } from './stream-options'

/** Resolves what a run needs, at the moment of its `start`. Whatever throws on the way is the run's error. */
export function resolvePlan(input: unknown, options: UseStreamOptions<unknown, ProtocolName>, { endpoint, heartbeat }: LlmStream): Plan | StreamError {
  try {
    const protocol = toValue(options.protocol) ?? 'chat'
    const { firstByte = 120_000, idle = idleTimeout(heartbeat), total = Infinity } = toValue(options.timeouts) ?? {}
    return {
      request: buildRequest(input, {
        url: toValue(options.url),
        endpoint: toValue(options.endpoint) ?? endpoint,
        upstream: toValue(options.upstream),
        protocol,
        model: toValue(options.model),
        body: toValue(options.body),
        headers: toValue(options.headers),
        fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      }),
      protocol: loadProtocol(protocol),
      timeouts: { firstByte, idle, total },
      retry: toValue(options.retry) ?? 0,
      publish: toValue(options.publish) ?? 'frame',
    }
  }
  catch (cause) {
    if (isStreamError(cause)) return cause
    return new StreamError({ code: 'invalid_request', message: 'An option of useStream, or its body, could not be resolved: see `cause`.', cause })
  }
}

/** Three heartbeats may get lost before the connection counts as dead; without any, silence says nothing. */
function idleTimeout(heartbeat: number | false): number {
  return heartbeat === false ? Infinity : Math.max(60_000, 3 * heartbeat)
}
