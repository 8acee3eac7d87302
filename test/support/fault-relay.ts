import { onTestFinished, vi } from 'vitest'
import { createRelayListener } from '../../src/runtime/server/relay/create-listener'
import { createRelay } from '../../src/runtime/server/relay/create-relay'
import type { RelayOptions, UpstreamOptions } from '../../src/runtime/server/relay/options'
import type { RunRecord } from '../../src/runtime/server/relay/record'
import { listen } from './relay-server'

export interface FaultRelayOptions extends Pick<RelayOptions, 'timeouts' | 'heartbeat' | 'limits'> {
  upstream?: UpstreamOptions
}

export interface FaultRelay {
  post: (body?: Record<string, unknown>, signal?: AbortSignal) => Promise<Response>
  /** The one record of the one run, once it is over. */
  record: () => Promise<RunRecord>
  /** What was logged. */
  lines: string[]
  /** Of the server, where there is one. */
  url?: string
}

export type StartFaultRelay = (upstreamUrl: string, options?: FaultRelayOptions) => Promise<FaultRelay>

/** The relay as a listener of `node:http`, over Node's sockets. */
export const startNodeRelay: StartFaultRelay = async (upstreamUrl, options) => {
  const { records, lines, given } = gather(upstreamUrl, options)
  const relay = createRelayListener({ ...given, logger: toLogger(lines), onFinish: record => records.push(record) })
  const { url } = await listen(relay)
  onTestFinished(() => relay.close(0))
  return {
    post: (body, signal) => fetch(`${url}/api/llm/chat/completions`, toInit(body, signal)),
    record: () => only(records),
    lines,
    url,
  }
}

/** The relay as a function from `Request` to `Response`, over `fetch`. */
export const startWebRelay: StartFaultRelay = async (upstreamUrl, options) => {
  const { records, lines, given } = gather(upstreamUrl, options)
  const relay = createRelay({ ...given, logger: toLogger(lines), onFinish: record => records.push(record) })
  onTestFinished(() => relay.close(0))
  return {
    post: (body, signal) => relay(new Request('http://app.example/api/llm/chat/completions', toInit(body, signal)), { ip: '192.0.2.1' }),
    record: () => only(records),
    lines,
  }
}

function gather(upstreamUrl: string, { upstream, ...options }: FaultRelayOptions = {}) {
  const records: RunRecord[] = []
  const lines: string[] = []
  const given: RelayOptions = {
    ...options,
    upstreams: { default: { baseURL: `${upstreamUrl}/v1`, apiKey: 'key', models: ['gpt-5-mini'], allowPrivate: true, retries: 0, ...upstream } },
    public: true,
  }
  return { records, lines, given }
}

function toInit(body: Record<string, unknown> = {}, signal?: AbortSignal): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], stream: true, ...body }),
    signal,
  }
}

function toLogger(lines: string[]) {
  const log = (line: string) => void lines.push(line)
  return { warn: log, error: log }
}

async function only(records: RunRecord[]): Promise<RunRecord> {
  await vi.waitUntil(() => records.length > 0, { timeout: 5000 })
  if (records.length > 1) throw new Error(`One run has ${records.length} records.`)
  return records[0]!
}
