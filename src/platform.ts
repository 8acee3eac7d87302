import type { Nuxt } from '@nuxt/schema'

/** What the platform says of itself, as far as it bears on streaming. */
export interface PlatformFacts {
  /** Name of the Nitro preset. */
  preset: string
  /** `awsLambda.streaming`. */
  lambdaStreaming: boolean
  /** Cloudflare's compatibility flags. */
  cloudflareFlags: readonly string[]
  /** Route rules by pattern. */
  routeRules: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Route rules that would stand between the relay and the browser. */
const HARMFUL_RULES = ['swr', 'isr', 'cache', 'proxy', 'cors'] as const

/** Warns at build time where the platform or a route rule would hold an answer back, or hide that its reader has left. */
export function warnAboutPlatform(route: string, nuxt: Nuxt, warn: (message: string) => void): void {
  nuxt.hook('nitro:init', ({ options }) => {
    const { preset, routeRules, awsLambda, cloudflare } = options as typeof options & {
      awsLambda?: { streaming?: boolean }
      cloudflare?: { wrangler?: { compatibility_flags?: string[] } }
    }
    findObstacles(route, {
      preset,
      lambdaStreaming: awsLambda?.streaming === true,
      cloudflareFlags: cloudflare?.wrangler?.compatibility_flags ?? [],
      routeRules: routeRules as PlatformFacts['routeRules'],
    }).forEach(warn)
  })
}

/** A sentence for each obstacle, with the remedy. */
export function findObstacles(route: string, { preset, lambdaStreaming, cloudflareFlags, routeRules }: PlatformFacts): string[] {
  const obstacles: string[] = []
  if (preset.startsWith('azure') || (preset.startsWith('aws-lambda') && !lambdaStreaming)) {
    obstacles.push(`The preset "${preset}" buffers responses: an answer arrives all at once, when it is whole.`
      + (preset.startsWith('aws') ? ' Set `nitro.awsLambda.streaming: true`.' : ' Deploy the relay elsewhere to stream.'))
  }
  if (preset.startsWith('cloudflare') && !cloudflareFlags.includes('enable_request_signal')) {
    obstacles.push(`On the preset "${preset}" a reader that leaves is seen only with the compatibility flag \`enable_request_signal\`: `
      + 'without it the upstream answers, and bills, to the end.')
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
