import type { IncomingMessage, ServerResponse } from 'node:http'
import { consoleLogger } from '../../src/runtime/server/relay/logger'
import { toNodeExchange } from '../../src/runtime/server/relay/node/listener'
import { createNodeTransport } from '../../src/runtime/server/relay/node/transport'
import { resolveRelayOptions } from '../../src/runtime/server/relay/options'
import { createRelayCore } from '../../src/runtime/server/relay/relay'
import { createUndiciTransport } from './undici-transport'

const TRANSPORTS = { http: createNodeTransport, undici: createUndiciTransport }

/** Our relay with every guard on, over one of the transports. */
export function createListener(upstreamUrl: string, transport: keyof typeof TRANSPORTS) {
  const options = resolveRelayOptions({
    upstreams: { default: { baseURL: `${upstreamUrl}/v1`, apiKey: 'key', models: ['bench'], allowPrivate: true } },
    public: true,
    limits: { rate: false, ipRate: false, concurrency: false, streamBytes: 2e9 },
  })
  const { handle } = createRelayCore({ options, rules: {}, transport: TRANSPORTS[transport](), logger: consoleLogger })
  return (request: IncomingMessage, response: ServerResponse) => void handle(toNodeExchange(request, response))
}
