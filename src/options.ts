import { resolve } from 'node:path'
import { HEARTBEAT, LIMITS, ROUTE, TIMEOUTS } from './runtime/server/relay/defaults'
import type { RelayOptions, UpstreamOptions } from './runtime/server/relay/options'
import { resolveRoute } from './runtime/server/relay/options'
import type { ImportOptions } from './imports'
import type { LlmStreamRuntimeConfig, PublicLlmStreamRuntimeConfig } from './runtime/server/utils/config'

/** Options of the Nuxt module, under `llmStream` in nuxt.config. */
export interface ModuleOptions extends RelayOptions {
  /**
   * Development only: keep each upstream answer with its timing, in this folder. `true`: in `.llm-stream`. Keys are never
   * kept.
   * @default false
   */
  record?: boolean | string
  /**
   * Names of the auto-imported composables, such as `{ useStream: 'useLlmStream' }`; `false`: none is auto-imported.
   * @default names as they are
   */
  imports?: ImportOptions
}

export const moduleDefaults = { route: ROUTE } satisfies ModuleOptions

/** The route in the one spelling that the server, the browser and the build share. Throws for one that cannot be. */
export function toRoute({ route = ROUTE }: ModuleOptions): string {
  const path = resolveRoute(route)
  if (!path) throw new Error(`[llm-stream] llmStream.route is "${route}", so that the relay would answer for the whole app. Give it a path of its own, such as ${ROUTE}.`)
  return path
}

/**
 * The private runtime config: every key that may still be set at start-up is declared, as `''` where the options leave it open.
 * `record`: the folder to record in, in development.
 */
export function toRuntimeConfig(options: ModuleOptions, record = ''): LlmStreamRuntimeConfig {
  const { route = ROUTE, origins, resume = false, upstreams = {} } = options
  return {
    apiKey: '',
    resumeSecret: '',
    mountedAt: route,
    public: options.public ?? '',
    heartbeat: options.heartbeat ?? '',
    trustProxy: options.trustProxy ?? '',
    origins: origins ?? '',
    resume,
    redis: { url: options.redis?.url ?? '' },
    limits: declare(Object.keys(LIMITS), options.limits),
    timeouts: declare(Object.keys(TIMEOUTS), options.timeouts),
    upstreams: Object.fromEntries(Object.entries(upstreams)
      .map(([name, upstream]) => [name, declare(UPSTREAM_KEYS, upstream) as LlmStreamRuntimeConfig['upstreams'][string]])),
    record,
  }
}

/** What the browser may know: where the relay is, and how it behaves. */
export function toPublicConfig({ route = ROUTE, heartbeat = HEARTBEAT }: ModuleOptions): PublicLlmStreamRuntimeConfig {
  return { route, heartbeat }
}

/** Where `record` puts recordings and `provider: 'replay'` looks for them. */
export function findRecordings({ record }: ModuleOptions, rootDir: string): string {
  return resolve(rootDir, typeof record === 'string' ? record : '.llm-stream')
}

/** What an upstream may be given by environment: all of it that is no object. */
const UPSTREAM_KEYS = [
  'provider', 'baseURL', 'apiKey', 'keyHeader', 'models', 'protocols', 'allowPrivate', 'retries', 'fallback',
] as const satisfies readonly (keyof UpstreamOptions)[]

function declare(keys: readonly string[], given: object = {}): Record<string, unknown> {
  return { ...Object.fromEntries(keys.map(key => [key, ''])), ...given }
}
