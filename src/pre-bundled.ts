import { createRequire } from 'node:module'
import { join } from 'node:path'

/** Named now, or Vite finds them with the first visit and reloads the page. */
const PACKAGES = ['eventsource-parser', '@streamparser/json']

/**
 * What Vite is to bundle in advance, by the road from the app to it. Nothing where the app itself cannot see this package, which
 * pnpm installs for a layer alone: Vite would not find it either, and complain.
 */
export function findPreBundled(rootDir: string): string[] {
  try {
    createRequire(join(rootDir, 'nuxt.config.ts')).resolve('nuxt-llm-stream/package.json')
  }
  catch {
    return []
  }
  return PACKAGES.map(name => `nuxt-llm-stream > ${name}`)
}
