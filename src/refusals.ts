import { findUnknownOptions } from './known-options'
import type { ModuleOptions } from './options'
import { PROVIDERS } from './runtime/server/relay/providers'
import { findNearest } from './spelling'

/** What is known at build time besides the options. */
export interface BuildFacts {
  dev: boolean
  /** Types are being generated; nothing will be served. */
  preparing: boolean
  /** `nuxt generate`: only files are deployed, and a relay is elsewhere or nowhere. */
  generates: boolean
  /** The app has a `server/llm-stream.ts`. */
  hasRules: boolean
}

/**
 * Why this build cannot be: a sentence that names what is missing and where to add it, or nothing. Development gets by
 * without upstreams (the demo upstream answers), without rules and with options that do not exist (a warning each).
 */
export function refuse(options: ModuleOptions, { dev, preparing, generates, hasRules }: BuildFacts): string | undefined {
  if (preparing) return
  const strange = findUnknownProvider(options)
  if (strange || dev) return strange
  // One that is not heeded may be a limit that is not there.
  const unknown = findUnknownOptions(options)
  if (unknown.length > 0) return unknown.join(' ')
  if (generates) return
  const upstreams = Object.entries(options.upstreams ?? {})
  if (upstreams.length === 0) {
    return 'No upstream is configured. Add one to `llmStream.upstreams` in nuxt.config, such as '
      + '`{ default: { provider: \'openai\', models: [\'gpt-5-mini\'] } }`. (The demo upstream answers in development only.)'
  }
  for (const [name, { provider, models }] of upstreams) {
    if (provider === 'replay') return `Upstream \`${name}\` replays recordings, which works in development only. Give it a real provider.`
    if (models === undefined || (Array.isArray(models) ? models : Object.keys(models)).length === 0) {
      return `Upstream \`${name}\` allows no model. List in \`llmStream.upstreams.${name}.models\` the models that may be asked for; the first is the default.`
    }
  }
  if (!options.public && !hasRules) {
    return 'Anyone could spend your tokens: nothing says who may call the relay. Export `defineLlmStream({ authorize })` from '
      + '`server/llm-stream.ts`, or set `llmStream.public: true` if everyone may.'
  }
}

function findUnknownProvider({ upstreams = {} }: ModuleOptions): string | undefined {
  const known = Object.keys(PROVIDERS)
  for (const [name, { provider }] of Object.entries(upstreams)) {
    if (!provider || known.includes(provider)) continue
    const near = findNearest(provider, known)
    return `Upstream \`${name}\` names the provider \`${provider}\`, which is unknown. ${near ? `Did you mean \`${near}\`?` : `Known are ${known.join(', ')}.`} For another endpoint give its \`baseURL\` instead.`
  }
}

/** Beginnings that only secret keys of language-model providers have. */
const SECRET_KEY = /^(?:sk-|gsk_|xai-)[\w-]{16,}$/

/** Names that say "key" within what is ours. */
const KEY_NAME = /api_?key$/i

/**
 * A key where every visitor would see it: in `runtimeConfig.public` or a `NUXT_PUBLIC_*` variable. Names the place, never
 * the value.
 */
export function findExposedKey(options: ModuleOptions, publicConfig: unknown, env: Record<string, string | undefined>): string | undefined {
  const keys = new Set([
    ...Object.values(options.upstreams ?? {}).map(upstream => upstream.apiKey),
    ...Object.keys(env).filter(name => /^NUXT_LLM_STREAM_.*API_KEY$/.test(name)).map(name => env[name]),
  ].filter(Boolean))
  const isKey = (place: string, value: unknown) => typeof value === 'string' && value !== ''
    && (keys.has(value) || SECRET_KEY.test(value) || (/llm_?stream/i.test(place) && KEY_NAME.test(place)))

  for (const [place, value] of leaves(publicConfig, 'runtimeConfig.public')) {
    if (isKey(place, value)) return `${place} holds a provider's key, and everything public reaches the browser. ${REMEDY}`
  }
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('NUXT_PUBLIC_') && isKey(name, value)) return `The variable ${name} holds a provider's key, and everything public reaches the browser. ${REMEDY}`
  }
}

const REMEDY = 'Remove it there, set NUXT_LLM_STREAM_API_KEY instead, and replace the key if it was ever deployed.'

function* leaves(value: unknown, path: string): Generator<[string, unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value]
  else for (const [key, child] of Object.entries(value)) yield* leaves(child, `${path}.${key}`)
}
