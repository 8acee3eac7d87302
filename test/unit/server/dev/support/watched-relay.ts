import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createWatchedRelay } from '../../../../../src/runtime/server/dev/watched-relay'
import { loadNodeTransport, toNodeExchange } from '../../../../../src/runtime/server/relay/node/listener'
import type { UpstreamOptions } from '../../../../../src/runtime/server/relay/options'
import { resolveRelayOptions } from '../../../../../src/runtime/server/relay/options'
import type { LlmStreamRules } from '../../../../../src/runtime/server/relay/rules'
import type { Respond } from '../../../../../src/runtime/testing'
import { createFakeUpstream } from '../../../../../src/runtime/testing'
import { listen } from '../../../../support/relay-server'

interface Given {
  respond?: Respond
  upstream?: UpstreamOptions
  rules?: LlmStreamRules
  /** Folder of recordings. @default a new one */
  record?: string
}

/** A development server's relay on a real port, in front of a fake upstream on another. Both live as long as the test. */
export async function startWatchedRelay({ respond, upstream: own, rules = {}, record }: Given = {}) {
  const upstream = createFakeUpstream({ respond })
  onTestFinished(() => upstream.close())
  const { url: upstreamUrl } = await upstream.listen()
  const folder = record ?? await mkdtemp(join(tmpdir(), 'recordings-'))
  if (record === undefined) onTestFinished(() => rm(folder, { recursive: true }))

  const lines: string[] = []
  const relay = createWatchedRelay({
    options: resolveRelayOptions({ upstreams: { default: { baseURL: `${upstreamUrl}/v1`, apiKey: 'sk-CANARY-4f9d2c7b', models: ['test-model'], retries: 0, ...own } } }, { development: true }),
    rules,
    transport: await loadNodeTransport(),
    logger: { warn: line => lines.push(line), error: line => lines.push(line) },
  }, { record: folder })
  onTestFinished(() => relay.close(0))
  const { url } = await listen((request, response) => void relay.handle(toNodeExchange(request, response)))

  return {
    url,
    relay,
    upstream,
    folder,
    lines,
    ask: (content: string, { path = 'chat/completions', signal, ...body }: { path?: string, signal?: AbortSignal, stream?: boolean } = {}) => fetch(`${url}/api/llm/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content }], stream: true, ...body }),
      signal,
    }),
  }
}
