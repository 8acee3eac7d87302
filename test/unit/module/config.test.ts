import { expect, it } from 'vitest'
import { toPublicConfig, toRoute, toRuntimeConfig } from '../../../src/options'
import { resolveRelayOptions } from '../../../src/runtime/server/relay/options'
import { type LlmStreamRuntimeConfig, readConfig } from '../../../src/runtime/server/utils/config'

/** What Nitro does to runtime config between build and start. */
function serialise(config: LlmStreamRuntimeConfig): LlmStreamRuntimeConfig {
  return JSON.parse(JSON.stringify(config))
}

const options = {
  route: '/api/llm',
  upstreams: { 'default': { provider: 'openai', models: ['gpt-5-mini'] }, 'my-vllm': { baseURL: 'http://10.0.0.1/v1', models: { small: 'qwen' } } },
  public: true,
  limits: { rate: 5, globalRate: false },
  timeouts: { total: 1000 },
  resume: { orphanGrace: 1000 },
} as const

function read(env: Record<string, string> = {}, config = toRuntimeConfig(options)) {
  return readConfig(serialise(config), { env, baseURL: '/' })
}

it('gives the relay what the options said, and defaults for the rest', () => {
  const resolved = resolveRelayOptions(read())
  expect(resolved).toMatchObject({ route: '/api/llm', public: true, limits: { rate: 5, globalRate: false, ipRate: 60 }, timeouts: { total: 1000, body: 10_000 }, heartbeat: 15_000, trustProxy: 0 })
  expect(resolved.resume).toMatchObject({ driver: 'memory', orphanGrace: 1000 })
  expect([...resolved.upstreams.get('my-vllm')!.models!]).toEqual([['small', 'qwen']])
})

it('mounts the relay below the app\'s base URL', () => {
  const config = serialise(toRuntimeConfig(options))
  expect(resolveRelayOptions(readConfig(config, { env: {}, baseURL: '/shop/' })).route).toBe('/shop/api/llm')
})

it.each(['api/ai', '/api/ai/', '//api/ai'])('takes the route in any spelling: %s', (route) => {
  expect(toRoute({ route })).toBe('/api/ai')
})

it('refuses a route that would take the whole app, or is no path', () => {
  expect(() => toRoute({ route: '/' })).toThrow(/whole app/)
  expect(() => toRoute({ route: '/api/**' })).toThrow(/not a plain path/)
})

it('declares every key that the environment may set at start-up', () => {
  const config = serialise(toRuntimeConfig(options))
  expect(config).toMatchObject({ apiKey: '', resumeSecret: '', redis: { url: '' }, heartbeat: '', trustProxy: '' })
  expect(config.upstreams.default).toMatchObject({ apiKey: '', baseURL: '', keyHeader: '', allowPrivate: '' })
  expect(config.limits).toMatchObject({ tokens: '', concurrency: '' })
})

it.each(['1e5', 'true', '1234567890123456789', ' spaced '])('takes the key %j as it was written', (key) => {
  const config = toRuntimeConfig(options)
  const coerced = { ...config, apiKey: JSON.parse('100000') }
  expect(read({ NUXT_LLM_STREAM_API_KEY: key }, coerced).upstreams!.default!.apiKey).toBe(key)
})

it('takes lists from the environment as one line', () => {
  const config = serialise(toRuntimeConfig(options))
  Object.assign(config.upstreams.default!, { models: 'gpt-5, gpt-5-mini', protocols: 'responses' })
  expect(read({}, config).upstreams!.default).toMatchObject({ models: ['gpt-5', 'gpt-5-mini'], protocols: ['responses'] })
  expect(read({}, { ...config, origins: 'https://a.example, https://b.example' as '' }).origins).toEqual(['https://a.example', 'https://b.example'])
})

it('finds an upstream\'s own key before the common one, and a dash as an underscore', () => {
  const { upstreams } = read({
    NUXT_LLM_STREAM_API_KEY: 'common',
    NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_API_KEY: 'own',
    NUXT_LLM_STREAM_UPSTREAMS_MY_VLLM_API_KEY: 'vllm',
  })
  expect(upstreams!.default!.apiKey).toBe('own')
  expect(upstreams!['my-vllm']!.apiKey).toBe('vllm')
})

it('gives the common key to the default upstream only', () => {
  const { upstreams } = read({ NUXT_LLM_STREAM_API_KEY: 'common' })
  expect(upstreams!.default!.apiKey).toBe('common')
  expect(upstreams!['my-vllm']!.apiKey).toBe('')
})

it('tells the browser the route, the heartbeat and whether runs resume, and nothing else', () => {
  expect(toPublicConfig({ ...options, upstreams: { default: { apiKey: 'CANARY' } } })).toEqual({ route: '/api/llm', heartbeat: 15_000 })
})
