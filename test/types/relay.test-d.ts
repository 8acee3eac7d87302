import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import { createRelay, createRelayListener } from '../../src/runtime/server/relay'
import type { LlmStreamRules, RelayOptions, RunRecord } from '../../src/runtime/server/relay'

const upstreams = { default: { provider: 'openai', models: ['gpt-5-mini'] } } as const

/** Hooks get the event of the entry that they are given to, without saying so. */
export const relay: (request: Request, context?: { ip?: string }) => Promise<Response> = createRelay({
  upstreams,
  authorize: (request, { action }) => action === 'run' && request.headers.get('authorization') ? { subject: 'ann', limits: { rate: 60, tokens: false } } : null,
  prepare: (body, { model, subject }) => ({ ...body, messages: [{ role: 'system', content: `${model} ${subject}` }, ...body.messages] }),
  onFinish: ({ usage, outcome }: RunRecord) => [usage.totalTokens + 1, outcome],
})

createServer(createRelayListener({ upstreams, authorize: (request: IncomingMessage) => ({ subject: String(request.socket.remoteAddress) }) }))
createServer(createRelayListener({ upstreams, public: true, redis: () => new Redis() }))
createServer(createRelayListener({ upstreams, public: true, redis: { url: 'redis://localhost' } }))

/** A model is a promise of a name, there for runs alone. */
export const rules: LlmStreamRules = {
  async authorize(_, request) {
    const model: string | undefined = await request.model
    if (request.action === 'run') return { subject: `${request.upstream} ${request.protocol} ${(await request.model).toUpperCase()}` }
    return { subject: model ?? 'nobody' }
  },
}

/** Options are JSON: what runtime config would lose is no option. */
export const options: RelayOptions[] = [
  { upstreams: { default: { models: { fast: 'gpt-5-mini' }, params: { allow: ['system'] } } }, limits: { rate: false }, resume: { orphanGrace: false } },
  // @ts-expect-error unknown provider
  { upstreams: { default: { provider: 'opnai' } } },
  // @ts-expect-error unknown limit
  { limits: { rat: 1 } },
  // @ts-expect-error a body without a bound is none
  { limits: { bodyBytes: false } },
  // @ts-expect-error a function does not survive runtime config
  { redis: () => new Redis() },
]

// @ts-expect-error a subject is a string
createRelay({ upstreams, authorize: () => ({ subject: 1 }) })
