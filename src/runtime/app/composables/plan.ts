import { toValue, unref } from 'vue'
import type { MaybeRefOrGetter } from 'vue'
import type { StreamError } from '../../shared/errors'
import type { AnySchema } from '../../shared/schema'
import type { ProtocolName } from '../../shared/wire'
import type { LlmStream } from '../llm-stream'
import { failure } from '../run/failures'
import type { Plan } from '../run/plan'
import type { UseStreamOptions } from './stream-options'

type Options = UseStreamOptions<unknown, ProtocolName>

/** Resolves what a run needs, at the moment of its `start`. What throws on the way is the run's error. */
export function resolvePlan(input: unknown, options: Options, context: LlmStream): Plan {
  const { schema } = options
  let error: StreamError | undefined

  function resolve<T>(option: MaybeRefOrGetter<T>): T | undefined {
    try {
      return toValue(option)
    }
    catch (cause) {
      error ??= failure('An option of the stream could not be resolved', cause)
    }
  }

  const { firstByte = 120_000, idle = idleTimeout(context.heartbeat), total = Infinity } = resolve(options.timeouts) ?? {}
  const plan = {
    concurrency: resolve(options.concurrency) ?? 'replace',
    request: {
      input,
      url: resolve(options.url),
      endpoint: resolve(options.endpoint) ?? context.endpoint,
      upstream: resolve(options.upstream),
      protocol: resolve(options.protocol) ?? 'chat',
      model: resolve(options.model),
      body: unrefEach(resolve(options.body)),
      headers: resolve(options.headers),
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    },
    schema: typeof schema === 'function' && '~standard' in schema ? schema as AnySchema : resolve(schema), // arktype's are functions
    timeouts: { firstByte, idle, total },
    retry: resolve(options.retry) ?? 0,
    resumable: resolve(options.resume) ?? false,
    publish: resolve(options.publish) ?? 'frame',
  } satisfies Plan
  return { ...plan, error }
}

/** A ref among the parameters stands for its value, as in Nuxt's `useFetch`: as JSON it would be its inner life. */
function unrefEach(body: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, unref(value)]))
}

/** Three heartbeats may get lost before the connection counts as dead; without any, silence says nothing. */
function idleTimeout(heartbeat: number | false): number {
  return heartbeat === false ? Infinity : Math.max(60_000, 3 * heartbeat)
}
