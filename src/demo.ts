import type { useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import type { UpstreamOptions } from './runtime/server/relay/options'

/**
 * Development without an upstream: starts the demo upstream on a free loopback port, real HTTP with scripted answers in all
 * three protocols, and ends it with Nuxt. An address from the environment is used instead.
 */
export async function startDemo(nuxt: Nuxt, logger: ReturnType<typeof useLogger>): Promise<Record<string, UpstreamOptions>> {
  if (process.env.NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL || process.env.NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_PROVIDER) return { default: {} }
  const { createFakeUpstream, demoResponder } = await import('./runtime/testing')
  const upstream = createFakeUpstream({ respond: demoResponder() })
  const { url } = await upstream.listen()
  nuxt.hook('close', () => upstream.close())
  logger.info('No upstream is configured: the embedded demo upstream answers, without a key and without a network. '
    + 'Name your own in `llmStream.upstreams`.')
  return { default: { baseURL: `${url}/v1`, allowPrivate: true, params: { defaults: { model: 'demo' } } } }
}
