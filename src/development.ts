import type { useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { startDemo } from './demo'
import { addDevtools } from './devtools'
import type { ModuleOptions } from './options'
import { startReplay } from './replay'
import { describeStart } from './startup'

export interface DevelopmentContext {
  nuxt: Nuxt
  logger: ReturnType<typeof useLogger>
  resolve: (path: string) => string
  /** The app's `server/llm-stream.ts`, if it has one. */
  rules: string | undefined
  /** Where recordings are. */
  recordings: string
}

/** What only `nuxt dev` has: upstreams that need no provider, the tab in DevTools, and a few lines about what is where. */
export async function setUpDevelopment(options: ModuleOptions, { nuxt, logger, resolve, rules, recordings }: DevelopmentContext): Promise<void> {
  const demo = options.upstreams ? undefined : await startDemo(nuxt)
  options.upstreams = await startReplay(options.upstreams ?? demo ?? { default: {} }, recordings, nuxt, logger)
  addDevtools(nuxt, resolve)
  const { rootDir, app: { baseURL } } = nuxt.options
  const { text, incomplete } = describeStart(options, {
    route: baseURL.replace(/\/$/, '') + options.route, demo: demo !== undefined, rules, recordings, rootDir, env: process.env,
  })
  logger[incomplete ? 'warn' : 'info'](text)
}
