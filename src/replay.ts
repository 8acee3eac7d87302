import type { useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { UpstreamOptions } from './runtime/server/relay/options'

type Upstreams = Record<string, UpstreamOptions>

/**
 * Development with `provider: 'replay'`, in nuxt.config or by environment: starts an upstream on a free loopback port that
 * answers from the folder of recordings, points every upstream at it that replays, and ends it with Nuxt.
 */
export async function startReplay(upstreams: Upstreams, folder: string, nuxt: Nuxt, logger: ReturnType<typeof useLogger>): Promise<Upstreams> {
  const names = Object.keys(upstreams).filter(name => isReplay(name, upstreams[name]!, process.env))
  if (names.length === 0) return upstreams
  const { createFakeUpstream, replay } = await import('./runtime/testing')
  const play = replay(folder)
  const upstream = createFakeUpstream({
    async respond(call) {
      const reply = await play(call)
      // The relay keeps what upstreams say from the browser, so this one says it here.
      if (typeof reply === 'object' && 'error' in reply) logger.warn(`${reply.error?.message} Set \`llmStream.record: true\`, ask a real provider, and replay its answer.`)
      return reply
    },
  })
  const { url } = await upstream.listen()
  const baseURL = `${url}/v1`
  const restore = names.map(name => setWhereSet(envName(name, 'BASE_URL'), baseURL))
  nuxt.hook('close', async () => {
    restore.forEach(undo => undo())
    await upstream.close()
  })
  return { ...upstreams, ...Object.fromEntries(names.map(name => [name, { ...upstreams[name], baseURL, allowPrivate: true }])) }
}

/** Whether what the environment, or else nuxt.config, says of this upstream is to replay. */
export function isReplay(name: string, { provider }: UpstreamOptions, env: Record<string, string | undefined>): boolean {
  return (env[envName(name, 'PROVIDER')] || provider) === 'replay'
}

/** Variable that sets an option of an upstream. */
export function envName(upstream: string, option: string): string {
  return `NUXT_LLM_STREAM_UPSTREAMS_${upstream.replaceAll('-', '_').toUpperCase()}_${option}`
}

/** The environment wins over the runtime config, so that an address of the provider's there has to give way meanwhile. */
function setWhereSet(name: string, value: string): () => void {
  const before = process.env[name]
  if (!before) return () => {}
  process.env[name] = value
  return () => { process.env[name] = before }
}
