import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRelayListener } from '../../src/runtime/server/relay'
import type { RelayOptions, UpstreamOptions } from '../../src/runtime/server/relay'
import { createFakeUpstream } from '../../src/runtime/testing'
import type { FakeUpstream } from '../../src/runtime/testing'
import { inject, vi, expect } from 'vitest'
import { startServer } from '../setup/server'
import type { BuiltServer } from '../setup/server'
import { createTestRules } from './test-rules'
import type { TestLog } from './test-rules'

/** A relay in front of a fake upstream, however it is run. */
export interface RelayUnderTest {
  /** Origin and route. */
  url: string
  upstream: FakeUpstream
  log: () => Promise<TestLog>
  /** Everything that was written to the console. */
  output: () => string
  close: () => Promise<unknown>
}

/** The relay within a built Nuxt server. */
export interface BuiltRelay extends RelayUnderTest {
  server: BuiltServer
  /** Bytes that the server process holds. */
  memory: () => Promise<NodeJS.MemoryUsage>
}

export type RelaySetup = Omit<RelayOptions, 'upstreams' | 'route'> & { upstream?: UpstreamOptions, upstreams?: Record<string, UpstreamOptions> }

/** Runs a relay of its own within this process, on a real port. */
export async function startListener({ upstream: options, upstreams, ...setup }: RelaySetup = {}): Promise<RelayUnderTest> {
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  const log: TestLog = { records: [], errors: [] }
  const lines: string[] = []
  const write = (...parts: unknown[]) => { lines.push(parts.map(String).join(' ')) }
  const listener = createRelayListener<IncomingMessage>({
    ...setup,
    ...createTestRules((event, name) => event.headers[name]?.toString(), log),
    upstreams: {
      default: { baseURL: `${url}/v1`, apiKey: 'sk-test', models: ['test-model', 'other-model'], allowPrivate: true, ...options },
      ...upstreams,
    },
    logger: { warn: write, error: write },
  })
  const server = createServer(listener as never)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/llm`,
    upstream,
    log: async () => log,
    output: () => lines.join('\n'),
    async close() {
      server.close()
      server.closeAllConnections()
      await Promise.all([listener.close(0), upstream.close()])
    },
  }
}

/** Starts the built fixture app; the setup reaches it as environment variables. */
export async function startBuilt({ upstream: options, ...setup }: RelaySetup = {}, env: Record<string, string> = {}): Promise<BuiltRelay> {
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  const server = await startServer({
    app: inject('basicApp'),
    env: {
      ...toEnv('NUXT_LLM_STREAM', setup),
      ...toEnv('NUXT_LLM_STREAM_UPSTREAMS_DEFAULT', { baseURL: `${url}/v1`, apiKey: 'sk-test', ...options }),
      ...env,
    },
  })
  const look = async () => await (await fetch(`${server.url}/test/log`)).json() as TestLog & { memory: NodeJS.MemoryUsage }
  return {
    url: `${server.url}/api/llm`,
    upstream,
    server,
    log: look,
    memory: async () => (await look()).memory,
    output: server.output,
    async close() {
      await server.close('SIGKILL')
      await upstream.close()
    },
  }
}

/** What was recorded of a user's runs; waits for the first. */
export function recordsOf(relay: RelayUnderTest, subject: string): Promise<TestLog['records']> {
  return vi.waitFor(async () => {
    const records = (await relay.log()).records.filter(record => record.subject === subject)
    expect(records, `records of ${subject}`).not.toHaveLength(0)
    return records
  }, { interval: 10 })
}

/** `{ limits: { ipRate: 1 } }` as `PREFIX_LIMITS_IP_RATE=1`. */
function toEnv(prefix: string, options: object): Record<string, string> {
  return Object.fromEntries(Object.entries(options).flatMap(([key, value]) => {
    const name = `${prefix}_${key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_').toUpperCase()}`
    const nested = typeof value === 'object' && value !== null && !Array.isArray(value)
    return nested ? Object.entries(toEnv(name, value)) : [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
  }))
}
