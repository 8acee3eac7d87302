import { describe, expect, it } from 'vitest'
import { findExposedKey, refuse } from '../../../src/refusals'

const production = { dev: false, preparing: false, generates: false, hasRules: false }
const upstreams = { default: { provider: 'openai', models: ['gpt-5-mini'] } } as const
const canary = 'CANARY-b7c1d2e3f4a5'

describe('refuse', () => {
  it('lets a production build pass that has an upstream, models, and a say about who may call', () => {
    expect(refuse({ upstreams, public: true }, production)).toBeUndefined()
    expect(refuse({ upstreams }, { ...production, hasRules: true })).toBeUndefined()
  })

  it.each([
    ['no upstream', { public: true }, 'No upstream is configured'],
    ['nobody to say who may call', { upstreams }, '`llmStream.public: true`'],
    ['no models', { public: true, upstreams: { fast: { provider: 'groq' } } } as const, '`llmStream.upstreams.fast.models`'],
    ['an empty list of models', { public: true, upstreams: { fast: { models: [] } } }, '`llmStream.upstreams.fast.models`'],
    ['recordings instead of a provider', { public: true, upstreams: { default: { provider: 'replay', models: ['m'] } } } as const, 'development only'],
  ])('names the remedy for %s', (_, options, part) => {
    expect(refuse(options, production)).toContain(part)
  })

  it('names the option that was meant, in production', () => {
    const options = { public: true, upstreams: { default: { provider: 'openai', models: ['m'] } }, limts: { rate: 5 } } as const
    expect(refuse(options, production)).toBe('`llmStream.limts` is no option. Did you mean `limits`?')
    expect(refuse(options, { ...production, dev: true })).toBeUndefined()
  })

  it('names the provider that was meant, in development too', () => {
    const options = { upstreams: { fast: { provider: 'opnai' as never } } }
    expect(refuse(options, { ...production, dev: true })).toContain('Did you mean `openai`?')
    expect(refuse({ upstreams: { fast: { provider: 'acme' as never } } }, production)).toContain('Known are openai, azure')
    expect(refuse(options, { ...production, preparing: true })).toBeUndefined()
  })

  it('asks for no relay where only files are generated, but for options that exist', () => {
    expect(refuse({}, { ...production, generates: true })).toBeUndefined()
    expect(refuse({ limts: {} } as object, { ...production, generates: true })).toContain('Did you mean `limits`?')
  })

  it('refuses nothing in development or while types are generated', () => {
    expect(refuse({}, { ...production, dev: true })).toBeUndefined()
    expect(refuse({}, { ...production, preparing: true })).toBeUndefined()
  })
})

describe('findExposedKey', () => {
  it('finds nothing where nothing is exposed', () => {
    expect(findExposedKey({ upstreams: { default: { apiKey: canary } } }, { app: { name: 'x', mapsApiKey: 'public-by-design' } }, {
      NUXT_LLM_STREAM_API_KEY: canary,
      NUXT_PUBLIC_SITE: 'https://app.example',
    })).toBeUndefined()
  })

  it.each([
    ['an upstream\'s key in public config', { upstreams: { default: { apiKey: canary } } }, { x: { y: canary } }, {}, 'runtimeConfig.public.x.y'],
    ['the environment\'s key in public config', {}, { token: canary }, { NUXT_LLM_STREAM_API_KEY: canary }, 'runtimeConfig.public.token'],
    ['a key of an upstream from the environment', {}, { token: canary }, { NUXT_LLM_STREAM_UPSTREAMS_FAST_API_KEY: canary }, 'runtimeConfig.public.token'],
    ['a key in a public variable', {}, {}, { NUXT_LLM_STREAM_API_KEY: canary, NUXT_PUBLIC_TOKEN: canary }, 'NUXT_PUBLIC_TOKEN'],
    ['a public variable named as ours', {}, {}, { NUXT_PUBLIC_LLM_STREAM_API_KEY: canary }, 'NUXT_PUBLIC_LLM_STREAM_API_KEY'],
    ['a key of ours by its place', {}, { llmStream: { apiKey: canary } }, {}, 'runtimeConfig.public.llmStream.apiKey'],
    ['what only a secret key looks like', {}, { ai: { key: 'sk-proj-CANARYCANARYCANARY' } }, {}, 'runtimeConfig.public.ai.key'],
  ])('names the place, never the value: %s', (_, options, config, env, place) => {
    const problem = findExposedKey(options, config, env as Record<string, string>)
    expect(problem).toContain(place)
    expect(problem).not.toContain('CANARY')
  })
})
