import type { RelayOptions, ResumeOptions } from '../relay/options'

/**
 * `runtimeConfig.llmStream`: the module's options as far as they are JSON. A key that is left open is `''`, because the
 * environment overrides declared keys only.
 */
export interface LlmStreamRuntimeConfig {
  /** Key of the upstream `default`, from `NUXT_LLM_STREAM_API_KEY`. */
  apiKey: string
  /** From `NUXT_LLM_STREAM_RESUME_SECRET`. */
  resumeSecret: string
  /** The option `route`, by another name: as `route` it could be set by environment, when it is too late. */
  mountedAt: string
  public: boolean | ''
  heartbeat: number | false | ''
  trustProxy: number | ''
  origins: readonly string[] | ''
  resume: boolean | ResumeOptions
  redis: { url: string }
  limits: Record<string, unknown>
  timeouts: Record<string, unknown>
  upstreams: Record<string, { apiKey: string } & Record<string, unknown>>
  /** Folder of recordings, in development. */
  record: string
}

/** `runtimeConfig.public.llmStream`: all that the browser is told. */
export interface PublicLlmStreamRuntimeConfig {
  /** Where the relay is, below the app's base URL. */
  route: string
  /** Milliseconds between the relay's comment frames. */
  heartbeat: number | false
}

export interface ConfigContext {
  /** The process environment, where there is one. */
  env: Record<string, string | undefined>
  /** The app's base URL, in front of the relay's route. */
  baseURL: string
}

/** The relay's options out of runtime config: open keys are left out, and keys are read as they were written. */
export function readConfig(config: LlmStreamRuntimeConfig, { env, baseURL }: ConfigContext): RelayOptions {
  const { apiKey, resumeSecret, mountedAt, upstreams, origins, limits, timeouts, redis, resume, record: _record, ...options } = config
  return {
    ...withoutOpen({ ...options, origins: toList(origins) }) as RelayOptions, // the module wrote it from RelayOptions
    route: `${baseURL}/${mountedAt}`,
    limits: withoutOpen(limits),
    timeouts: withoutOpen(timeouts),
    redis: withoutOpen(redis),
    resume: resume && { ...(resume === true ? {} : resume), secret: env.NUXT_LLM_STREAM_RESUME_SECRET ?? String(resumeSecret) },
    upstreams: Object.fromEntries(Object.entries(upstreams).map(([name, upstream]) => [name, {
      ...withoutOpen({ ...upstream, ...readLists(upstream) }),
      apiKey: readKey(name, env) ?? (String(upstream.apiKey) || (name === 'default' ? String(apiKey) : '')),
    }])),
  }
}

/**
 * Nitro casts what it takes from the environment: a key like `1e5` would arrive as 100000, and `String()` does not bring it
 * back. So keys are read raw wherever there is an environment.
 */
function readKey(name: string, env: ConfigContext['env']): string | undefined {
  const own = env[`NUXT_LLM_STREAM_UPSTREAMS_${name.replaceAll('-', '_').toUpperCase()}_API_KEY`]
  return own || (name === 'default' ? env.NUXT_LLM_STREAM_API_KEY : undefined) || undefined
}

function readLists({ models, protocols }: Record<string, unknown>): Record<string, unknown> {
  return { models: toList(models), protocols: toList(protocols) }
}

/** The environment has a list as one line, `a, b`. */
function toList(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? value.split(',').map(item => item.trim()) : value
}

/** Without keys that are `''`: those were declared for the environment, and it said nothing. */
function withoutOpen<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, child]) => child !== '')) as Partial<T>
}
