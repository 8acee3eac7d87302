import type { Nuxt } from '@nuxt/schema'
import { type CloudflareOptions, setsRequestSignal } from './cloudflare'
import type { ModuleOptions } from './options'
import { HEARTBEAT, ROUTE } from './runtime/server/relay/defaults'

/** What the platform says of itself, as far as it bears on streaming. */
export interface PlatformFacts {
  /** Name of the Nitro preset. */
  preset: string
  /** Only files are deployed, as by `nuxt generate`. */
  isStatic: boolean
  /** Whether there is anything to relay to. */
  hasUpstreams: boolean
  /** `awsLambda.streaming`. */
  lambdaStreaming: boolean
  /** Whether Cloudflare tells a Worker that its reader has left. */
  requestSignal: boolean
  /** Route rules by pattern. */
  routeRules: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** How many proxies in front are believed. */
  trustProxy: number
  /** Milliseconds between the relay's signs of life; `false`: none. */
  heartbeat: number | false
  /** Where runs are kept to be resumed; `false`: nowhere. */
  resume: 'memory' | 'redis' | false
}

/** Route rules that would stand between the relay and the browser. */
const HARMFUL_RULES = ['swr', 'isr', 'cache', 'proxy', 'cors'] as const

/** Presets, by how they begin, whose servers come and go in any number, each with a memory of its own. */
const MANY_PROCESSES = ['node-cluster', 'vercel', 'netlify', 'cloudflare', 'aws-', 'azure', 'firebase', 'deno-deploy', 'edgio', 'stormkit']

/** Presets that hand over a request without the address that it came from, on runtimes that run the usual Node server as well. */
const NO_ADDRESSES = ['bun', 'deno-server']

/** Bun's timeouts are 10 s, and come up to 4 s early or late. `[spec]` https://bun.com/reference/bun/Serve/HostnamePortServeOptions/idleTimeout */
const BUN_PATIENCE = 5_000

/** Warns at build time where the platform or a route rule would hold an answer back, or hide that its reader has left. */
export function warnAboutPlatform({ upstreams = {}, route = ROUTE, resume = false, heartbeat = HEARTBEAT, trustProxy = 0 }: ModuleOptions, nuxt: Nuxt, warn: (message: string) => void): void {
  nuxt.hook('nitro:init', ({ options }) => {
    const { preset, routeRules, awsLambda, cloudflare } = options as typeof options & {
      awsLambda?: { streaming?: boolean }
      cloudflare?: CloudflareOptions
    }
    findObstacles(route, {
      preset,
      isStatic: options.static,
      hasUpstreams: Object.keys(upstreams).length > 0,
      lambdaStreaming: awsLambda?.streaming === true,
      requestSignal: setsRequestSignal(nuxt.options.rootDir, cloudflare),
      routeRules: routeRules as PlatformFacts['routeRules'],
      heartbeat,
      trustProxy,
      resume: resume && ((resume !== true && resume.driver) || 'memory'),
    }).forEach(warn)
  })
}

/** A sentence for each obstacle, with the remedy. */
export function findObstacles(route: string, { preset, isStatic, hasUpstreams, lambdaStreaming, requestSignal, routeRules, heartbeat, trustProxy, resume }: PlatformFacts): string[] {
  const obstacles: string[] = []
  if (isStatic && !hasUpstreams) return [] // the relay is meant to be elsewhere
  if (isStatic) {
    return [`The preset "${preset}" deploys files and no server, so that nobody answers at ${route}: deploy what \`nuxt build\` makes, `
      + 'or run the relay elsewhere, give `useStream` its address as `endpoint`, and leave out `llmStream.upstreams`.']
  }
  if (preset.startsWith('azure') || (preset.startsWith('aws-lambda') && !lambdaStreaming)) {
    obstacles.push(`The preset "${preset}" buffers responses: an answer arrives all at once, when it is whole.`
      + (preset.startsWith('aws') ? ' Set `nitro.awsLambda.streaming: true`.' : ' Deploy the relay elsewhere to stream.'))
  }
  if (preset.startsWith('cloudflare') && !requestSignal) {
    obstacles.push(`On the preset "${preset}" a reader that leaves is seen only with the compatibility flag \`enable_request_signal\`: `
      + 'without it the upstream answers, and bills, to the end. Set `nitro.cloudflare` to '
      + '`{ deployConfig: true, wrangler: { compatibility_flags: [\'nodejs_compat\', \'enable_request_signal\'] } }`.')
  }
  if (preset === 'bun' && (heartbeat === false || heartbeat > BUN_PATIENCE)) {
    obstacles.push('Bun cuts a connection after 10 seconds of silence, in which a model may still be thinking: '
      + `set \`heartbeat: ${BUN_PATIENCE}\`, or NITRO_BUN_IDLE_TIMEOUT (seconds) above the heartbeat where the server starts.`)
  }
  if (NO_ADDRESSES.includes(preset.replaceAll('_', '-')) && trustProxy === 0) {
    obstacles.push(`On the preset "${preset}" nobody knows the addresses of callers, so that all share one in limits. `
      + 'Build with the preset "node-server", which Bun and Deno run as well, or set `trustProxy` if a proxy is in front.')
  }
  if (resume === 'memory' && MANY_PROCESSES.some(name => preset.replaceAll('_', '-').startsWith(name))) {
    obstacles.push(`\`resume\` keeps runs in the memory of one process, and the preset "${preset}" has many: whoever comes back may reach another. `
      + 'Keep them in Redis (`resume: { driver: \'redis\' }`) or in a `log` of your own.')
  }
  for (const [pattern, rules] of Object.entries(routeRules)) {
    const harmful = HARMFUL_RULES.filter(rule => rules[rule])
    if (harmful.length > 0 && covers(pattern, route)) {
      obstacles.push(`The route rule "${pattern}" puts \`${harmful.join('`, `')}\` on the relay at ${route}. Answers are one person's and must not be stored or passed on: exclude it.`)
    }
  }
  return obstacles
}

/** Whether a pattern such as `/api/**` takes in the relay's route, or something below it. */
function covers(pattern: string, route: string): boolean {
  const base = pattern.replace(/\/\*\*?$/, '')
  return pattern.includes('*') ? `${route}/`.startsWith(`${base}/`) || base.startsWith(`${route}/`) : base === route || base.startsWith(`${route}/`)
}
