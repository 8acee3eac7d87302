import { describeError } from './logger'
import type { NodeRequest } from './node/listener'
import { loadNodeTransport, toNodeExchange } from './node/listener'
import type { Relay } from './relay'
import { createRelayCore } from './relay'
import type { CreateRelayOptions, RelayClose } from './relay-options'
import { readRelayOptions } from './relay-options'

type NodeResponse = Parameters<typeof toNodeExchange>[1]

/** A request listener for `node:http` and whatever takes one: mounted below a path in Express, it sees the whole of it. */
export interface RelayListener extends RelayClose {
  (request: MountedRequest, response: NodeResponse): void
}

/** A request that Express, and those like it, rewrote for whom is mounted below a path. */
interface MountedRequest extends NodeRequest {
  originalUrl?: string | undefined
}

/**
 * The relay as a listener of `node:http`. Throws when there is neither an `authorize` nor `public: true`, and for options that
 * make no sense.
 *
 * @example
 * import { createServer } from 'node:http'
 * import { createRelayListener } from 'nuxt-llm-stream/relay'
 *
 * createServer(createRelayListener({
 *   upstreams: { default: { provider: 'openai', apiKey: process.env.OPENAI_API_KEY, models: ['gpt-5-mini'] } },
 *   public: true,
 * })).listen(3000)
 */
export function createRelayListener<TEvent = NodeRequest>(options: CreateRelayOptions<TEvent>): RelayListener {
  const setup = readRelayOptions(options)
  let relay: Promise<Relay> | undefined
  const start = () => relay ??= loadNodeTransport().then(transport => createRelayCore({ ...setup, transport }))

  const listener = (request: MountedRequest, response: NodeResponse) => {
    const exchange = toNodeExchange(request, response, { url: request.originalUrl ?? request.url ?? '/' })
    start().then(({ handle }) => handle(exchange), (error) => {
      setup.logger.error(`The relay could not start: ${describeError(error)}`)
      response.destroy()
    })
  }
  return Object.assign(listener, { close: async (grace?: number) => (await start()).close(grace) })
}
