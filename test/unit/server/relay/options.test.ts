import { describe, expect, it } from 'vitest'
import type { RelayOptions } from '../../../../src/runtime/server/relay/options'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import { joinUrl } from '../../../../src/runtime/server/relay/upstream-options'

const openai = { provider: 'openai', models: ['gpt-5-mini'] } as const
const resolve = (options: RelayOptions, development = false) => resolveRelayOptions(options, { development })
const upstream = (options: object) => resolve({ upstreams: { default: { models: ['m'], ...options } } }).upstreams.get('default')!

it('puts every default in place', () => {
  const { upstreams, ...rest } = resolve({ upstreams: { default: openai } })
  expect(rest).toMatchObject({ route: '/api/llm', public: false, heartbeat: 15_000, resume: false, trustProxy: 0, redisUrl: undefined })
  expect(rest.limits).toMatchObject({ rate: 20, concurrency: 3, tokens: false })
  expect(upstreams.get('default')).toMatchObject({ retries: 2, allowPrivate: false, keyMissing: true, fallback: undefined })
})

it('survives runtime config, where options are JSON and missing values are empty strings', () => {
  const options: RelayOptions = { upstreams: { default: { ...openai, baseURL: '', apiKey: '', keyHeader: '' as never, fallback: '' } }, redis: { url: '' } }
  const { upstreams, redisUrl } = resolve(JSON.parse(JSON.stringify(options)))
  expect(upstreams.get('default')!.urls.chat!.href).toBe('https://api.openai.com/v1/chat/completions')
  expect(redisUrl).toBeUndefined()
})

it('takes resume as a flag or as options', () => {
  expect(resolve({ resume: true }).resume).toMatchObject({ driver: 'memory', orphanGrace: 30_000 })
  expect(resolve({ resume: { driver: 'redis', orphanGrace: false } }).resume).toMatchObject({ driver: 'redis', orphanGrace: false, ttl: 900_000 })
})

describe('URLs', () => {
  it.each([
    ['https://h', 'https://h/chat/completions'],
    ['https://h/', 'https://h/chat/completions'],
    ['https://h/v1', 'https://h/v1/chat/completions'],
    ['https://h/v1/', 'https://h/v1/chat/completions'],
    ['https://h/compatible-mode/v1', 'https://h/compatible-mode/v1/chat/completions'],
    ['https://h/openai/deployments/y?api-version=z', 'https://h/openai/deployments/y/chat/completions?api-version=z'],
  ])('joins %s to its path without adding or removing anything', (baseURL, expected) => {
    expect(joinUrl(baseURL, 'chat/completions').href).toBe(expected)
  })

  it('reaches only the protocols that the upstream speaks', () => {
    expect(Object.keys(upstream({ provider: 'anthropic' }).urls)).toEqual(['messages'])
    expect(Object.keys(upstream({ baseURL: 'https://h' }).urls)).toEqual(['chat', 'responses', 'messages'])
    expect(upstream({ provider: 'openhub', paths: { chat: 'llm/chat/completions' } }).urls.chat!.href).toBe('https://api.myopenhub.com/v1/llm/chat/completions')
  })
})

describe('keys', () => {
  it('sends the key in the provider\'s header', () => {
    expect(upstream({ provider: 'openai', apiKey: 'k' }).headers).toEqual({ authorization: 'Bearer k' })
    expect(upstream({ provider: 'azure', baseURL: 'https://h', apiKey: 'k' }).headers).toEqual({ 'api-key': 'k' })
    expect(upstream({ provider: 'anthropic', apiKey: 'k' }).headers).toEqual({ 'anthropic-version': '2023-06-01', 'x-api-key': 'k' })
    expect(upstream({ provider: 'openai', apiKey: 'k', keyHeader: 'X-Key', headers: { 'X-Team': 'a' } }).headers).toEqual({ 'x-key': 'k', 'x-team': 'a' })
  })

  it('takes a key that the environment turned into a number, and drops the newline of a file', () => {
    expect(upstream({ provider: 'openai', apiKey: 123 }).headers.authorization).toBe('Bearer 123')
    expect(upstream({ provider: 'openai', apiKey: ' k\n' }).headers.authorization).toBe('Bearer k')
  })

  it('knows when a key is missing', () => {
    expect(upstream({ provider: 'openai' }).keyMissing).toBe(true)
    expect(upstream({ provider: 'ollama' }).keyMissing).toBe(false)
    expect(upstream({ baseURL: 'http://h' }).keyMissing).toBe(false)
  })

  it('never shows a key in a message', () => {
    expect(() => upstream({ provider: 'openai', apiKey: 'CANARY\nx' })).toThrow(/^(?!.*CANARY).*API key/)
  })
})

it('keeps models in order, with their real names', () => {
  expect([...upstream({ baseURL: 'https://h', models: { fast: 'gpt-5-mini', good: 'gpt-5' } }).models!]).toEqual([['fast', 'gpt-5-mini'], ['good', 'gpt-5']])
  expect([...upstream({ baseURL: 'https://h', models: ['constructor'] }).models!]).toEqual([['constructor', 'constructor']])
})

describe('refuses, naming the option', () => {
  const two = (a: object, b: object) => ({ upstreams: { a: { ...openai, ...a }, b: { ...openai, ...b } } })
  it.each<[RelayOptions | object, RegExp]>([
    [{ upstreams: { default: { provider: 'openai' } } }, /upstreams\.default\.models is missing/],
    [{ upstreams: { default: { models: ['m'] } } }, /upstreams\.default\.baseURL is missing/],
    [{ upstreams: { default: { models: ['m'], baseURL: 'ftp://h' } } }, /not an http or https address/],
    [{ upstreams: { default: { models: ['m'], baseURL: 'https://me:secret@h' } } }, /^(?!.*secret).*must not carry credentials/],
    [{ upstreams: { default: { models: ['m'], provider: 'opnai' } } }, /"opnai", which is unknown/],
    [{ upstreams: { default: { models: ['m'], provider: 'constructor' } } }, /"constructor", which is unknown/],
    [{ upstreams: { default: { models: ['m'], provider: 'replay', baseURL: 'http://h' } } }, /in development only/],
    [{ upstreams: { default: { ...openai, protocols: ['chats'] } } }, /protocols has "chats"/],
    [{ upstreams: { default: { ...openai, retries: -1 } } }, /retries must be/],
    [{ upstreams: { streams: openai } }, /shadow a path/],
    [{ upstreams: { Default: openai } }, /begins with a letter/],
    [two({ fallback: 'c' }, {}), /which is not among the upstreams/],
    [two({ fallback: 'b' }, { fallback: 'a' }), /in a circle: a → b → a/],
    [{ limits: { rat: 5 } }, /limits\.rat is unknown/],
    [{ limits: { bodyBytes: false } }, /limits\.bodyBytes must be a number above 0/],
    [{ timeouts: { total: 1e12 } }, /timeouts\.total must be a number/],
    [{ heartbeat: 0 }, /heartbeat must be/],
    [{ origins: ['https://app.example/'] }, /not an exact origin/],
    [{ origins: ['*'] }, /not an exact origin/],
    [{ origins: ['capacitor://localhost/'] }, /not an exact origin/],
    [{ trustProxy: -1 }, /trustProxy must be/],
    [{ route: '/api/../x?' }, /not a plain path/],
  ])('%j', (options, message) => {
    expect(() => resolve(options)).toThrow(message)
  })
})

it('knows the origins of apps and extensions', () => {
  const origins = ['https://app.example', 'capacitor://localhost', 'tauri://localhost', 'chrome-extension://abcdefgh']
  expect([...resolve({ origins }).origins]).toEqual(origins)
})

it('asks for no model list and allows private addresses in development', () => {
  const { upstreams } = resolve({ upstreams: { default: { provider: 'ollama' } } }, true)
  expect(upstreams.get('default')).toMatchObject({ models: undefined, allowPrivate: true })
})
