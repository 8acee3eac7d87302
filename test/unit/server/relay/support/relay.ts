import { onTestFinished } from 'vitest'
import { createRelayListener } from '../../../../../src/runtime/server/relay/create-listener'
import type { CreateRelayOptions } from '../../../../../src/runtime/server/relay/relay-options'
import type { RunRecord } from '../../../../../src/runtime/server/relay/record'
import type { ErrorContext } from '../../../../../src/runtime/server/relay/rules'
import type { Respond } from '../../../../../src/runtime/testing/fake-upstream'
import { createFakeUpstream } from '../../../../../src/runtime/testing/fake-upstream'
import type { StreamError } from '../../../../../src/runtime/shared/errors'
import { listen } from '../../../../support/relay-server'

type Given = Partial<CreateRelayOptions> & { respond?: Respond }

/** The whole relay on a real port, in front of a fake upstream on another. Both live as long as the test. */
export async function startWholeRelay({ respond, upstreams, ...given }: Given = {}) {
  const upstream = createFakeUpstream({ respond })
  onTestFinished(() => upstream.close())
  const { url: upstreamUrl } = await upstream.listen()
  const endpoint = { baseURL: `${upstreamUrl}/v1`, apiKey: 'sk-test', models: ['cheap', 'good'], allowPrivate: true, retries: 0 }

  const records: RunRecord[] = []
  const errors: { error: StreamError, context: ErrorContext }[] = []
  const lines: string[] = []
  const relay = createRelayListener({
    upstreams: Object.fromEntries(Object.entries(upstreams ?? { default: {} }).map(([name, own]) => [name, { ...endpoint, ...own }])),
    public: given.authorize === undefined,
    onFinish: record => records.push(record),
    onError: (error, context) => errors.push({ error, context }),
    logger: { warn: line => lines.push(line), error: line => lines.push(line) },
    ...given,
  })
  onTestFinished(() => relay.close(0))
  const { url } = await listen(relay)

  return {
    url,
    relay,
    upstream,
    records,
    errors,
    lines,
    /** Posts to a path below the route; what is no string is sent as JSON. */
    post: (path: string, body: unknown, init: RequestInit = {}) => fetch(`${url}/api/llm/${path}`, {
      ...init,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...init.headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  }
}

export const hello = { messages: [{ role: 'user', content: 'Hi' }], stream: true }
