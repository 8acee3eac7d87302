import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Delivery, DeliveryReport } from '../../src/runtime/server/relay/deliver'
import type { Timeouts, UpstreamOptions } from '../../src/runtime/server/relay/options'
import { deliver } from '../../src/runtime/server/relay/deliver'
import { toNodeExchange } from '../../src/runtime/server/relay/node/listener'
import { createNodeTransport } from '../../src/runtime/server/relay/node/transport'
import { resolveUpstream } from '../../src/runtime/server/relay/upstream-options'

/** An HTTP server on a free loopback port that lives as long as the test. */
export async function listen(handler: RequestListener): Promise<{ url: string, server: Server }> {
  const server = createServer(handler)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

export const TIMEOUTS: Timeouts = {
  body: 1000, connect: 1000, firstByte: 5000, byteIdle: 5000, eventIdle: 5000, total: 10_000, slowClient: 5000,
}

export interface RelayOverrides extends Partial<Omit<Delivery, 'sink' | 'signal'>> {
  upstream?: UpstreamOptions
  timeouts?: Partial<Timeouts>
}

/** A relay without policy: whatever is posted to it goes to the upstream. Reports arrive in order of their ends. */
export async function startRelay(upstreamUrl: string, overrides: RelayOverrides = {}) {
  const { upstream, timeouts, ...rest } = overrides
  const transport = createNodeTransport()
  onTestFinished(() => transport.close?.())
  const reports: DeliveryReport[] = []
  const resolved = resolveUpstream('default', { baseURL: upstreamUrl, apiKey: 'key', retries: 0, ...upstream }, {
    timeouts: { ...TIMEOUTS, ...timeouts },
    development: true,
  })

  const { url } = await listen(async (request: IncomingMessage, response: ServerResponse) => {
    const exchange = toNodeExchange(request, response)
    const { sink } = exchange
    const gone = new AbortController()
    sink.onGone({ onGone: () => gone.abort() })
    const body = await exchange.readBody(1024 * 1024, gone.signal)
    deliver({
      transport, protocol: 'chat', stream: true, requestId: 'request-1', heartbeat: 15_000, headers: {},
      target: { upstream: resolved, model: 'gpt-5-mini', body, bodyBytes: body.byteLength },
      limits: { eventBytes: 1024 * 1024, streamBytes: 10 * 1024 * 1024, jsonBytes: 4 * 1024 * 1024 },
      ...rest,
      sink,
      signal: gone.signal,
    }, { onEnd: report => reports.push(report) })
  })
  return { url, reports }
}
