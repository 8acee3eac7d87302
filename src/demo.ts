import type { Nuxt } from '@nuxt/schema'
import type { UpstreamOptions } from './runtime/server/relay/options'

/**
 * Development without an upstream: starts the demo upstream on a free loopback port, real HTTP with scripted answers in all
 * three protocols, and ends it with Nuxt. `undefined` where the environment names an upstream instead.
 */
export async function startDemo(nuxt: Nuxt): Promise<Record<string, UpstreamOptions> | undefined> {
  if (process.env.NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL || process.env.NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_PROVIDER) return
  const { createFakeUpstream, demoResponder } = await import('./runtime/testing')
  const upstream = createFakeUpstream({ respond: demoResponder() })
  const { url } = await upstream.listen()
  nuxt.hook('close', () => upstream.close())
  return { default: { baseURL: `${url}/v1`, allowPrivate: true, params: { defaults: { model: 'demo' } } } }
}
