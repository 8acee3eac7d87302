import { expect, it } from 'vitest'
import type { ModuleOptions } from '../../../src/options'
import { describeStart, type StartFacts } from '../../../src/startup'

const facts: StartFacts = { route: '/shop/api/llm', demo: false, rules: undefined, recordings: '/app/.llm-stream', rootDir: '/app', env: {} }
const start = (options: ModuleOptions, given: Partial<StartFacts> = {}) => describeStart(options, { ...facts, ...given })

const upstreams = {
  'default': { provider: 'openai', models: ['gpt-5-mini', 'gpt-5'] },
  'fast': { provider: 'groq', models: { small: 'qwen' } },
  'my-vllm': { baseURL: 'http://10.0.0.1:8000/v1' },
} as const

it('says where the relay is, which upstreams are ready, and which variable holds a key that is missing', () => {
  const { text, incomplete } = start({ upstreams, public: true }, { env: { NUXT_LLM_STREAM_API_KEY: 'sk-CANARY' } })
  expect(text.split('\n')).toEqual([
    'The relay is at /shop/api/llm',
    '  ✔ default  openai · api.openai.com · gpt-5-mini',
    '  ✖ fast     groq · api.groq.com · small – no key: set NUXT_LLM_STREAM_UPSTREAMS_FAST_API_KEY in .env',
    '  ✔ my-vllm  10.0.0.1:8000 · any model',
    '  Everybody may call (public: true)',
  ])
  expect(incomplete).toBe(true)
})

it('names the short variable for the default upstream, and says who may call', () => {
  const { text } = start({ upstreams: { default: upstreams.default } }, { rules: '/app/server/llm-stream.ts' })
  expect(text).toContain('set NUXT_LLM_STREAM_API_KEY in .env')
  expect(text).toContain('server/llm-stream.ts says who may call')
})

it('warns of a relay that a build would refuse', () => {
  expect(start({ upstreams: {} }).text).toContain('a build needs an authorize in server/llm-stream.ts, or public: true')
})

it('says that runs are resumed and recorded, and what is replayed or a demo', () => {
  expect(start({ upstreams: { default: { provider: 'replay' } }, resume: { driver: 'redis' }, record: true }).text.split('\n')).toEqual([
    'The relay is at /shop/api/llm',
    '  ✔ default  replays .llm-stream',
    '  Everybody may call, in development only: a build needs an authorize in server/llm-stream.ts, or public: true',
    '  Runs can be resumed (redis)',
    '  Answers are recorded in .llm-stream',
  ])
  expect(start({ upstreams: { default: {} } }, { demo: true }).text).toContain('embedded demo')
})

it('takes address and provider from the environment, and tells no secret', () => {
  const { text, incomplete } = start({ upstreams: { default: { ...upstreams.default, apiKey: 'sk-CANARY' } } }, {
    env: { NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: 'https://proxy.example/v1?key=CANARY' },
  })
  expect(text).toContain('openai · proxy.example · gpt-5-mini')
  expect(text).not.toContain('CANARY')
  expect(incomplete).toBe(false)
})
