import type { ProtocolName } from '../../shared/wire'
import { PROTOCOL_NAMES, PROTOCOL_PATHS } from '../../shared/wire'
import type { Timeouts } from './defaults'
import { mergeNumbers, RETRIES } from './defaults'
import type { Provider, ProviderName } from './providers'
import { findProvider, PROVIDERS } from './providers'

/** A language-model endpoint that the relay may call. JSON only: runtime config is serialised. */
export interface UpstreamOptions {
  /** Row of the provider table: base URL, key header, protocols, known quirks. */
  provider?: ProviderName
  /** Used verbatim, with or without `/v1`, a trailing slash or a query string. @default the provider's */
  baseURL?: string | undefined
  /** Path of a protocol relative to `baseURL`. @default `chat/completions`, `responses`, `messages` */
  paths?: Partial<Record<ProtocolName, string>>
  /**
   * Private. From env `NUXT_LLM_STREAM_UPSTREAMS_<NAME>_API_KEY`, for `default` else `NUXT_LLM_STREAM_API_KEY`; `createRelay`
   * takes the value itself.
   */
  apiKey?: string | undefined
  /** Header that carries the key; in `authorization` it is a Bearer token. @default the provider's, else `authorization` */
  keyHeader?: string
  /** Extra fixed headers to the upstream. */
  headers?: Record<string, string>
  /** Models that may be asked for: exact names, or alias → real name; the first is the default. Required in production. */
  models?: readonly string[] | Record<string, string>
  /** What it speaks. @default the provider's; without a provider all three */
  protocols?: readonly ProtocolName[]
  /** Request parameters: what is filled in, bounded, let through. */
  params?: ParamsOptions
  /** Whether its host may resolve to a private or loopback address. @default false in production */
  allowPrivate?: boolean
  /** Attempts after the first, before the first event is forwarded. @default 2 */
  retries?: number
  /** In milliseconds; over the relay's own. */
  timeouts?: Partial<Timeouts>
  /** Name of the upstream that takes over when this one fails before the first event. */
  fallback?: string
}

/** What the relay makes of request parameters. */
export interface ParamsOptions {
  /** Values of top-level keys that the client leaves out. Trusted: not bounded. */
  defaults?: Record<string, unknown>
  /**
   * Upper bounds of numbers, by key, `n` among them. `reasoning_effort` takes a word and bounds efforts of every protocol.
   * @default { n: 1, reasoning_effort: 'medium' }
   */
  max?: Record<string, number | string>
  /** Keys and tool types that pass besides the usual; also `system` and `remote-files`. */
  allow?: readonly string[]
}

/** An upstream with every default in place: what the steps of the relay work with. */
export interface ResolvedUpstream {
  name: string
  /** Row of the provider table, for messages and records. */
  provider: string | undefined
  /** Where each protocol that it speaks is reached: base URL and path, joined once. */
  urls: Partial<Record<ProtocolName, URL>>
  /** Key header, fixed headers and the provider's own, lower-case; built once. */
  headers: Record<string, string>
  /** The provider needs a key and there is none: every run is refused with `not_configured`. */
  keyMissing: boolean
  /** Alias → real name, in order; the first is the default. `undefined`: every model (development only). */
  models: ReadonlyMap<string, string> | undefined
  params: ResolvedParams
  allowPrivate: boolean
  /** Attempts after the first. */
  retries: number
  timeouts: Timeouts
  /** Name of the upstream that takes over before the first byte. */
  fallback: string | undefined
  /** Quirk flags of the provider row. */
  quirks: UpstreamQuirks
}

export interface ResolvedParams {
  defaults: Readonly<Record<string, unknown>>
  max: Readonly<Record<string, number | string>>
  allow: ReadonlySet<string>
}

/** What the relay does differently for an upstream (wire.md §8). */
export interface UpstreamQuirks {
  /** Name of the output-size parameter of Chat Completions. */
  chatOutputKey: 'max_tokens' | 'max_completion_tokens'
  /** Whether `stream_options.include_usage` is known to be accepted. */
  includeUsage: boolean
  /** Whether an `Idempotency-Key` is sent, the same on every attempt of a run. */
  idempotencyKey: boolean
}

export interface UpstreamContext {
  /** The relay's, which the upstream's own go over. */
  timeouts: Timeouts
  development: boolean
}

/**
 * Puts every default in place. Empty strings count as not given, since runtime config declares every key. Throws an error
 * that names the option and the remedy.
 */
export function resolveUpstream(name: string, options: UpstreamOptions, { timeouts, development }: UpstreamContext): ResolvedUpstream {
  const at = `upstreams.${name}`
  const provider = resolveProvider(at, options.provider, development)
  const models = resolveModels(at, options.models)
  if (!models && !development) throw new Error(`${at}.models is missing: list the models that may be asked for, such as ['gpt-5-mini'].`)
  const key = String(options.apiKey ?? '').trim()
  return {
    name,
    provider: options.provider || undefined,
    urls: resolveUrls(at, options, provider),
    headers: resolveHeaders(at, options, provider, key),
    keyMissing: key === '' && provider?.key === 'required',
    models,
    params: {
      defaults: { ...options.params?.defaults },
      max: { n: 1, reasoning_effort: 'medium', ...options.params?.max },
      allow: new Set(options.params?.allow),
    },
    allowPrivate: options.allowPrivate ?? development,
    retries: resolveRetries(at, options.retries),
    timeouts: mergeNumbers(`${at}.timeouts`, timeouts, options.timeouts),
    fallback: options.fallback || undefined,
    quirks: {
      chatOutputKey: provider?.maxCompletionTokens ? 'max_completion_tokens' : 'max_tokens',
      includeUsage: provider?.includeUsage ?? false,
      idempotencyKey: provider?.idempotencyKey ?? false,
    },
  }
}

/**
 * Joins a base URL and a path by URL parts: the base's query is kept, there is one slash between, and `/v1` is neither added
 * nor removed.
 */
export function joinUrl(baseURL: string, path: string): URL {
  const url = new URL(baseURL)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`
  url.hash = ''
  return url
}

function resolveProvider(at: string, name: string | undefined, development: boolean): Provider | undefined {
  if (!name) return
  const provider = findProvider(name)
  if (!provider) throw new Error(`${at}.provider is "${name}", which is unknown; known are ${Object.keys(PROVIDERS).join(', ')}. For another endpoint give its \`baseURL\` instead.`)
  if (provider.developmentOnly && !development) throw new Error(`${at}.provider is "${name}", which exists in development only.`)
  return provider
}

function resolveUrls(at: string, options: UpstreamOptions, provider: Provider | undefined): ResolvedUpstream['urls'] {
  const baseURL = options.baseURL || provider?.baseURL
  if (!baseURL) throw new Error(`${at}.baseURL is missing: give it, or a \`provider\` that has one.`)
  if (!URL.canParse(baseURL) || !/^https?:$/.test(new URL(baseURL).protocol)) throw new Error(`${at}.baseURL is not an http or https address.`)
  if (new URL(baseURL).username) throw new Error(`${at}.baseURL must not carry credentials: use \`apiKey\` or \`headers\`.`)
  const urls: ResolvedUpstream['urls'] = {}
  for (const protocol of options.protocols ?? provider?.protocols ?? PROTOCOL_NAMES) {
    if (!PROTOCOL_NAMES.includes(protocol)) throw new Error(`${at}.protocols has "${protocol}"; known are ${PROTOCOL_NAMES.join(', ')}.`)
    urls[protocol] = joinUrl(baseURL, options.paths?.[protocol] || PROTOCOL_PATHS[protocol])
  }
  return urls
}

/** [spec] RFC 9110 §5.5: visible characters, space and tab, and bytes above ASCII. */
const HEADER_VALUE = /^[\t\x20-\x7E\x80-\xFF]*$/

function resolveHeaders(at: string, options: UpstreamOptions, provider: Provider | undefined, key: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...provider?.headers, ...options.headers })) headers[name.toLowerCase()] = String(value)
  if (key) {
    if (!HEADER_VALUE.test(key)) throw new Error(`${at}: the API key has characters that no header may have. Was it pasted as it is?`)
    const keyHeader = (options.keyHeader || provider?.keyHeader || 'authorization').toLowerCase()
    headers[keyHeader] = keyHeader === 'authorization' ? `Bearer ${key}` : key
  }
  for (const [name, value] of Object.entries(headers)) {
    // The value stays out of the message: it may be a key.
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || !HEADER_VALUE.test(value)) throw new Error(`${at}: the header "${name}" or its value has characters that HTTP forbids.`)
  }
  return headers
}

function resolveModels(at: string, models: UpstreamOptions['models']): ReadonlyMap<string, string> | undefined {
  const entries = Array.isArray(models) ? models.map(name => [name, name] as const) : Object.entries(models ?? {})
  if (entries.length === 0) return
  for (const [alias, name] of entries) {
    if (typeof name !== 'string' || !name || !alias) throw new Error(`${at}.models must be names, or aliases with their real names.`)
  }
  return new Map(entries)
}

function resolveRetries(at: string, retries = RETRIES): number {
  if (!Number.isInteger(retries) || retries < 0) throw new Error(`${at}.retries must be a whole number from 0, not ${JSON.stringify(retries)}.`)
  return retries
}
