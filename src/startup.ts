import { relative } from 'node:path'
import type { ModuleOptions } from './options'
import { envName, isReplay } from './replay'
import { findProvider } from './runtime/server/relay/providers'
import type { UpstreamOptions } from './runtime/server/relay/options'

export interface StartFacts {
  /** Below the app's base URL. */
  route: string
  /** The demo upstream answers as `default`. */
  demo: boolean
  /** The app's `server/llm-stream.ts`, if it has one. */
  rules: string | undefined
  /** Where recordings are. */
  recordings: string
  rootDir: string
  env: Record<string, string | undefined>
}

/** What a developer should know of the relay when it starts, in a few lines, and whether a key is missing. No secret is in it. */
export function describeStart(options: ModuleOptions, facts: StartFacts): { text: string, incomplete: boolean } {
  const upstreams = Object.entries(options.upstreams ?? {})
  const width = Math.max(...upstreams.map(([name]) => name.length))
  const missing = upstreams.filter(([name, upstream]) => lacksKey(name, upstream, facts))
  const lines = upstreams.map(([name, upstream]) => {
    const key = missing.some(([other]) => other === name) ? `no key: set ${keyName(name)} in .env` : undefined
    return `${key ? '✖' : '✔'} ${name.padEnd(width)}  ${describeUpstream(name, upstream, facts)}${key ? ` – ${key}` : ''}`
  })
  return {
    text: [`The relay is at ${facts.route}`, ...[...lines, ...describeRules(options, facts)].map(line => `  ${line}`)].join('\n'),
    incomplete: missing.length > 0,
  }
}

function describeUpstream(name: string, upstream: UpstreamOptions, { demo, recordings, rootDir, env }: StartFacts): string {
  if (demo && name === 'default') return 'embedded demo, without key and network; name your own in llmStream.upstreams'
  if (isReplay(name, upstream, env)) return `replays ${relative(rootDir, recordings) || recordings}`
  const { provider, models } = upstream
  const [model] = Array.isArray(models) ? models : Object.keys(models ?? {})
  return [provider, hostOf(name, upstream, env), model ?? 'any model'].filter(Boolean).join(' · ')
}

function hostOf(name: string, { provider, baseURL }: UpstreamOptions, env: StartFacts['env']): string | undefined {
  const url = env[envName(name, 'BASE_URL')] || baseURL || (provider && findProvider(provider)?.baseURL)
  return url && URL.canParse(url) ? new URL(url).host : undefined
}

function lacksKey(name: string, { provider, apiKey }: UpstreamOptions, { env }: StartFacts): boolean {
  const row = findProvider(env[envName(name, 'PROVIDER')] || provider || '')
  return row?.key === 'required' && !(apiKey || env[envName(name, 'API_KEY')] || (name === 'default' && env.NUXT_LLM_STREAM_API_KEY))
}

function keyName(name: string): string {
  return name === 'default' ? 'NUXT_LLM_STREAM_API_KEY' : envName(name, 'API_KEY')
}

function describeRules({ public: open, resume, record }: ModuleOptions, { rules, recordings, rootDir }: StartFacts): string[] {
  const driver = typeof resume === 'object' ? resume.driver ?? 'memory' : 'memory'
  return [
    describeCallers(open, rules && relative(rootDir, rules)),
    ...resume ? [`Runs can be resumed (${driver})`] : [],
    ...record ? [`Answers are recorded in ${relative(rootDir, recordings) || recordings}`] : [],
  ]
}

function describeCallers(open: boolean | undefined, rules: string | undefined): string {
  if (rules) return `${rules} says who may call`
  if (open) return 'Everybody may call (public: true)'
  return 'Everybody may call, in development only: a build needs an authorize in server/llm-stream.ts, or public: true'
}
