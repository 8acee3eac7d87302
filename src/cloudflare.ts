import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The part of `nitro.cloudflare` that decides what a Worker is deployed with. */
export interface CloudflareOptions {
  /** Whether Nitro writes the deployed configuration. Otherwise the app's own file is deployed, and `wrangler` is not read. */
  deployConfig?: boolean
  wrangler?: { compatibility_flags?: string[] }
}

const FLAG = 'enable_request_signal'

/**
 * Whether the Worker will learn that a reader has left. The flag counts in the app's own Wrangler file, where a mention is
 * enough, and in `nitro.cloudflare.wrangler`, but there only if Nitro writes it down: by `deployConfig`, which Cloudflare's own
 * builds (`WORKERS_CI`) turn on by themselves.
 */
export function setsRequestSignal(rootDir: string, options: CloudflareOptions = {}, env: NodeJS.ProcessEnv = process.env): boolean {
  const written = options.deployConfig ?? Boolean(env.WORKERS_CI)
  if (written && options.wrangler?.compatibility_flags?.includes(FLAG)) return true
  return ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']
    .map(name => join(rootDir, name))
    .some(path => existsSync(path) && readFileSync(path, 'utf8').includes(FLAG))
}
