import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createRelayListener } from '../../src/runtime/server/relay'
import type { UpstreamOptions } from '../../src/runtime/server/relay/options'
import type { ProviderName } from '../../src/runtime/server/relay/providers'
import { resolveUpstream } from '../../src/runtime/server/relay/upstream-options'
import { collectStream } from '../../src/runtime/shared/read-stream'
import type { StreamResult } from '../../src/runtime/shared/result'
import type { ProtocolName } from '../../src/runtime/shared/wire'
import { PROTOCOL_PATHS } from '../../src/runtime/shared/wire'
import { TIMEOUTS } from '../../src/runtime/server/relay/defaults'
import { createFakeUpstream } from '../../src/runtime/testing'
import type { FakeUpstream, RecordedCall, Reply } from '../../src/runtime/testing'

/** What one provider documents for one protocol: where it answers, what it wants to see, and what it says. */
export interface ProviderCase {
  protocol: ProtocolName
  /** The whole address, query included, as the provider documents it. */
  url: string
  /** What an app has to say besides the provider's name. */
  options?: UpstreamOptions
  /** The header that carries the key `sk-test`; absent: it asks for none. */
  auth?: readonly [name: string, value: string]
  /** Other headers that it asks for. */
  headers?: Readonly<Record<string, string>>
  /** Fields that it must find in the request's body. */
  body?: Readonly<Record<string, unknown>>
  /** A streamed answer, byte for byte in the shape that it documents. */
  answer: string
  /** Part of what the answer comes to. */
  expected: { [Field in keyof StreamResult]?: StreamResult[Field] extends string | null ? StreamResult[Field] : object }
}

export type ProviderCases = Readonly<Record<ProviderName, readonly ProviderCase[]>>

const open: { close: () => unknown }[] = []

/** Runs the cases of a provider through the relay against a server that is as particular as the provider is. */
export function describeProvider(provider: ProviderName, cases: readonly ProviderCase[]): void {
  describe(provider, () => {
    afterEach(() => Promise.all(open.splice(0).map(server => server.close())))

    it.each(cases)('is reached at $url', ({ protocol, url, options, auth }) => {
      const upstream = resolveUpstream('default', { provider, apiKey: auth && 'sk-test', ...options }, { timeouts: TIMEOUTS, development: true })
      expect(upstream.urls[protocol]?.href).toBe(url)
    })

    it.each(cases)('answers $protocol at $url, and the answer is understood', async (example) => {
      const { relay, upstream } = await startRelay(provider, example)
      const response = await ask(relay, example)
      expect(upstream.calls[0]).toMatchObject({ body: { model: 'm', stream: true, ...example.body } })
      expect({ status: response.status, type: response.headers.get('content-type') })
        .toEqual({ status: 200, type: 'text/event-stream; charset=utf-8' })
      expect(await collectStream(response.body!, { protocol: example.protocol })).toMatchObject({ error: null, ...example.expected })
      expect(upstream.calls).toHaveLength(1)
    })

    it.each(cases.filter(({ auth }) => auth))('turns away another key at $url', async (example) => {
      const { relay } = await startRelay(provider, example, { apiKey: 'sk-other' })
      const response = await ask(relay, example)
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_auth' } })
    })
  })
}

async function startRelay(provider: ProviderName, example: ProviderCase, overrides: UpstreamOptions = {}): Promise<{ relay: string, upstream: FakeUpstream }> {
  const upstream = createFakeUpstream({ respond: call => judge(call, example) })
  const { url } = await upstream.listen()
  const options: UpstreamOptions = {
    provider, apiKey: example.auth && 'sk-test', models: ['m'], allowPrivate: true, retries: 0, ...example.options, ...overrides,
  }
  const listener = createRelayListener({
    upstreams: { default: { ...options, baseURL: moveTo(url, baseOf(provider, example)) } },
    public: true,
    development: true,
  })
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push(upstream, listener, { close: () => { server.close(); server.closeAllConnections() } })
  return { relay: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/llm`, upstream }
}

function ask(relay: string, { protocol }: ProviderCase): Promise<Response> {
  const prompt = [{ role: 'user', content: 'Hi' }]
  return fetch(`${relay}/${PROTOCOL_PATHS[protocol]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stream: true, ...(protocol === 'responses' ? { input: 'Hi' } : { messages: prompt }) }),
  })
}

/** The provider at its door: the right path with the right headers, or nothing. */
function judge({ method, path, headers }: RecordedCall, { url, auth, headers: wanted = {}, answer }: ProviderCase): Reply {
  const { pathname, search } = new URL(url)
  if (method !== 'POST' || path !== pathname + search) return { status: 404 }
  if (auth && headers[auth[0]] !== auth[1]) return { status: 401 }
  if (!auth && 'authorization' in headers) return { status: 400 }
  if (Object.entries(wanted).some(([name, value]) => headers[name] !== value)) return { status: 400 }
  return { headers: { 'content-type': 'text/event-stream' }, body: answer }
}

function baseOf(provider: ProviderName, { url, protocol, options }: ProviderCase): string {
  if (options?.baseURL) return options.baseURL
  const path = options?.paths?.[protocol] ?? PROTOCOL_PATHS[protocol]
  return url.slice(0, url.lastIndexOf(`/${path}`))
}

function moveTo(origin: string, url: string): string {
  const { pathname, search } = new URL(url)
  return origin + pathname + search
}
