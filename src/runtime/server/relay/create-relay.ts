import type { Logger } from './logger'
import { consoleLogger, describeError } from './logger'
import type { NodeRequest } from './node/listener'
import { loadNodeTransport, toNodeExchange } from './node/listener'
import type { RelayOptions } from './options'
import { resolveRelayOptions } from './options'
import type { Relay } from './relay'
import { createRelayCore } from './relay'
import type { LlmStreamRules } from './rules'

/** Options and rules of a relay outside Nuxt, in one object. Keys are values: no environment is read. */
export interface CreateRelayOptions<TEvent = unknown> extends Omit<RelayOptions, 'redis'>, Omit<LlmStreamRules<TEvent>, 'redis'> {
  /** Shares limits and logs between processes: an address, for which the peer `ioredis` is loaded, or a client of the app's. */
  redis?: RelayOptions['redis'] | LlmStreamRules<TEvent>['redis']
  /**
   * Models may go unlisted, upstreams may be on private addresses, and the relay may do without `authorize`.
   * @default false
   */
  development?: boolean
  /** Where warnings go. @default the console */
  logger?: Logger
}

type NodeResponse = Parameters<typeof toNodeExchange>[1]

/** A request listener for `node:http` and whatever takes one. */
export interface RelayListener {
  (request: NodeRequest, response: NodeResponse): void
  /**
   * For shutdown: refuses what still arrives, lets runs go on for `grace` milliseconds, ends the rest with the error
   * `server_restarting`, and settles when all is over. @default 20000
   */
  close: (grace?: number) => Promise<void>
}

/**
 * The relay as a listener of `node:http`. Throws when there is neither an `authorize` nor `public: true`, and for options that
 * make no sense.
 *
 * @example
 * createServer(createRelayListener({
 *   upstreams: { default: { provider: 'openai', apiKey: process.env.OPENAI_API_KEY, models: ['gpt-5-mini'] } },
 *   authorize: request => userOf(request),
 * })).listen(3000)
 */
export function createRelayListener<TEvent = NodeRequest>(options: CreateRelayOptions<TEvent>): RelayListener {
  const { resolved, rules, logger } = takeApart(options)
  let relay: Promise<Relay> | undefined
  const start = () => relay ??= loadNodeTransport().then(transport => createRelayCore({ options: resolved, rules, transport, logger }))

  const listener = (request: NodeRequest, response: NodeResponse) => {
    const exchange = toNodeExchange(request, response)
    start().then(({ handle }) => handle(exchange), (error) => {
      logger.error(`The relay could not start: ${describeError(error)}`)
      response.destroy()
    })
  }
  return Object.assign(listener, { close: async (grace?: number) => (await start()).close(grace) })
}

function takeApart<TEvent>({ authorize, prepare, tracer, log, onFinish, onError, redis, development = false, logger = consoleLogger, ...options }: CreateRelayOptions<TEvent>) {
  if (!authorize && !options.public && !development) {
    throw new Error('Anyone could use this relay at your cost: give it an `authorize`, or say `public: true`.')
  }
  const client = typeof redis === 'function' ? redis : undefined
  const resolved = resolveRelayOptions({ ...options, redis: typeof redis === 'function' ? undefined : redis }, { development })
  // Hooks are called with the event that this very entry makes, so the type they were given holds.
  const rules = { authorize, prepare, tracer, log, onFinish, onError, redis: client } as LlmStreamRules
  return { resolved, rules, logger }
}
