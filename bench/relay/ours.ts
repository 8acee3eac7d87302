import type { IncomingMessage, ServerResponse } from 'node:http'
import { consoleLogger } from '../../src/runtime/server/relay/logger'
import { toNodeExchange } from '../../src/runtime/server/relay/node/listener'
import { createNodeTransport } from '../../src/runtime/server/relay/node/transport'
import { resolveRelayOptions } from '../../src/runtime/server/relay/options'
import type { RedisClient } from '../../src/runtime/server/relay/redis'
import { createRelayCore } from '../../src/runtime/server/relay/relay'
import { HEADERS } from '../../src/runtime/shared/wire'
import { createUndiciTransport } from './undici-transport'

const TRANSPORTS = { http: createNodeTransport, undici: createUndiciTransport }

/** Our relay with every guard on, over one of the transports; `resume` keeps every run, in memory or in this Redis. */
export function createListener(upstreamUrl: string, transport: keyof typeof TRANSPORTS, { resume = false, redis }: { resume?: boolean, redis?: RedisClient } = {}) {
  const options = resolveRelayOptions({
    upstreams: { default: { baseURL: `${upstreamUrl}/v1`, apiKey: 'key', models: ['bench'], allowPrivate: true } },
    public: true,
    resume: resume && { driver: redis ? 'redis' : 'memory', secret: 'secret' },
    limits: { rate: false, ipRate: false, concurrency: false, streamBytes: 2e9 },
  })
  const rules = redis ? { redis: () => redis } : {}
  const { handle } = createRelayCore({ options, rules, transport: TRANSPORTS[transport](), logger: consoleLogger })
  return (request: IncomingMessage, response: ServerResponse) => {
    if (resume) request.headers[HEADERS.resumable] = '1' // which the client asks no other relay for
    void handle(toNodeExchange(request, response))
  }
}
