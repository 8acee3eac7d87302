import { createRelay } from '../../src/runtime/server/relay'
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
  /** How it is reached, where not over a socket. */
  fetch?: typeof globalThis.fetch
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

/** Runs a relay of its own in this process, without a server: a `Request` in, a `Response` out, `fetch` to the upstream. */
export async function startWeb({ upstream: options, upstreams, ...setup }: RelaySetup = {}): Promise<RelayUnderTest> {
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  const log: TestLog = { records: [], errors: [], spans: [] }
  const lines: string[] = []
  const write = (message: string) => { lines.push(message) }
  const relay = createRelay({
    ...setup,
    ...createTestRules((request: Request, name) => request.headers.get(name) ?? undefined, log),
    upstreams: {
      default: { baseURL: `${url}/v1`, apiKey: 'sk-test', models: ['test-model', 'other-model'], allowPrivate: true, ...options },
      ...upstreams,
    },
    logger: { warn: write, error: write },
  })
  return {
    url: 'http://relay.example/api/llm',
    fetch: (input, init) => relay(new Request(input, init)),
    upstream,
    log: async () => log,
    output: () => lines.join('\n'),
    close: () => Promise.all([relay.close(0), upstream.close()]),
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
