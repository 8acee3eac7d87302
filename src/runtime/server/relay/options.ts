import { PROTOCOL_NAMES, STREAMS_PATH } from '../../shared/wire'
import type { Limits, ResumeOptions, Timeouts } from './defaults'
import { HEARTBEAT, LIMITS, mergeNumbers, RESUME, ROUTE, TIMEOUTS } from './defaults'
import type { ResolvedUpstream, UpstreamOptions } from './upstream-options'
import { resolveUpstream } from './upstream-options'

export type { Limits, ResumeOptions, Timeouts } from './defaults'
export type { ParamsOptions, ResolvedUpstream, UpstreamOptions } from './upstream-options'

/**
 * What the relay is configured by. JSON only: the module keeps it in runtime config, which is serialised. Functions are in
 * `LlmStreamRules`.
 */
export interface RelayOptions {
  /** Where the relay is mounted, an app's base URL included. @default '/api/llm' */
  route?: string
  /** Name → upstream; `default` is the one when none is named. */
  upstreams?: Record<string, UpstreamOptions>
  /** The relay may do without an `authorize`; one that exists still runs. @default false */
  public?: boolean
  limits?: Partial<Limits>
  timeouts?: Partial<Timeouts>
  /** Milliseconds between comment frames while nothing else is sent; `false`: none. @default 15000 */
  heartbeat?: number | false
  /** Resumable runs; `true`: kept in memory. @default false */
  resume?: boolean | ResumeOptions
  /** Shares limits and logs between processes. Needs the optional peer `ioredis`, or a client given by the rules. */
  redis?: RedisOptions
  /** Other origins that may call the relay from a browser, exactly as browsers write them: `https://app.example`. */
  origins?: readonly string[]
  /** How many proxy hops to believe in `X-Forwarded-For`. @default 0 */
  trustProxy?: number
}

/** Where Redis is. */
export interface RedisOptions {
  /** Private. From env `NUXT_LLM_STREAM_REDIS_URL`. */
  url?: string
}

/** {@link RelayOptions} with every default in place. */
export interface ResolvedRelayOptions {
  /** Begins with a slash and ends without; empty at the root. */
  route: string
  upstreams: ReadonlyMap<string, ResolvedUpstream>
  public: boolean
  limits: Limits
  timeouts: Timeouts
  heartbeat: number | false
  resume: Required<ResumeOptions> | false
  redisUrl: string | undefined
  origins: ReadonlySet<string>
  trustProxy: number
  development: boolean
}

export interface ResolveContext {
  /** Models may go unlisted, upstreams may be private, and the relay may do without `authorize`. @default false */
  development?: boolean
}

/**
 * Puts every default in place and builds what is built once: URLs, headers, model tables. Pure. Throws an error that names
 * the option and the remedy.
 */
export function resolveRelayOptions(options: RelayOptions, { development = false }: ResolveContext = {}): ResolvedRelayOptions {
  const timeouts = mergeNumbers('timeouts', TIMEOUTS, options.timeouts)
  return {
    route: resolveRoute(options.route || ROUTE),
    upstreams: resolveUpstreams(options.upstreams ?? {}, { timeouts, development }),
    public: options.public ?? false,
    limits: mergeNumbers('limits', LIMITS, options.limits),
    timeouts,
    heartbeat: resolveHeartbeat(options.heartbeat),
    resume: resolveResume(options.resume),
    redisUrl: options.redis?.url || undefined,
    origins: new Set(options.origins?.map(resolveOrigin)),
    trustProxy: resolveTrustProxy(options.trustProxy),
    development,
  }
}

/** The route as paths are compared with it: a slash in front, none behind. Throws for what is no plain path. */
export function resolveRoute(route: string): string {
  const path = `/${route}`.replace(/\/+/g, '/').replace(/\/$/, '')
  if (!/^(?:\/[\w.~-]+)*$/.test(path)) throw new Error(`route is "${route}", which is not a plain path such as /api/llm.`)
  return path
}

/** Words that the paths below the route need for themselves. */
const reserved = new Set<string>([...PROTOCOL_NAMES, STREAMS_PATH, 'v1'])

function resolveUpstreams(given: Record<string, UpstreamOptions>, context: { timeouts: Timeouts, development: boolean }): ReadonlyMap<string, ResolvedUpstream> {
  const upstreams = new Map<string, ResolvedUpstream>()
  for (const [name, options] of Object.entries(given)) {
    if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) throw new Error(`upstreams.${name}: a name is at most 32 of a–z, 0–9 and "-", and begins with a letter.`)
    if (reserved.has(name)) throw new Error(`upstreams.${name}: this name would shadow a path of the relay; choose another.`)
    upstreams.set(name, resolveUpstream(name, options, context))
  }
  for (const upstream of upstreams.values()) checkFallbacks(upstream, upstreams)
  return upstreams
}

function checkFallbacks(first: ResolvedUpstream, upstreams: ReadonlyMap<string, ResolvedUpstream>): void {
  const seen = new Set([first.name])
  for (let at = first; at.fallback !== undefined;) {
    const next = upstreams.get(at.fallback)
    if (!next) throw new Error(`upstreams.${at.name}.fallback is "${at.fallback}", which is not among the upstreams.`)
    if (seen.has(next.name)) throw new Error(`upstreams.${first.name}.fallback leads in a circle: ${[...seen, next.name].join(' → ')}.`)
    seen.add(next.name)
    at = next
  }
}

function resolveHeartbeat(heartbeat: number | false = HEARTBEAT): number | false {
  if (heartbeat !== false && !(heartbeat > 0)) throw new Error(`heartbeat must be a number of milliseconds or false, not ${JSON.stringify(heartbeat)}.`)
  return heartbeat
}

function resolveResume(resume: RelayOptions['resume']): Required<ResumeOptions> | false {
  if (!resume) return false
  const { driver = RESUME.driver, required = RESUME.required, secret, ...numbers } = resume === true ? {} : resume
  const { driver: _driver, required: _required, secret: _secret, ...defaults } = RESUME
  return { ...mergeNumbers('resume', defaults, numbers), driver, required, secret: String(secret ?? '') }
}

/** Pages inside of an app or a browser's extension have schemes of their own, for which URLs know no origin: `capacitor://localhost`. */
const APP_ORIGIN = /^(?!https?:|file:)[a-z][a-z\d+.-]*:\/\/[\w.-]+$/

function resolveOrigin(origin: string): string {
  // An origin that differs from what browsers send would silently match nothing.
  if (!URL.canParse(origin) || (new URL(origin).origin !== origin && !APP_ORIGIN.test(origin))) throw new Error(`origins has "${origin}", which is not an exact origin such as https://app.example.`)
  return origin
}

function resolveTrustProxy(hops = 0): number {
  if (!Number.isInteger(hops) || hops < 0) throw new Error(`trustProxy must be a count of proxies, not ${JSON.stringify(hops)}.`)
  return hops
}
