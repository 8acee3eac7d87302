import { resolveRelayOptions } from '../../../src/runtime/server/relay/options'
import { readConfig } from '../../../src/runtime/server/utils/config'

/** What the configuration offers, environment included: the switches of the pages show nothing else. */
export default defineEventHandler((event) => {
  const config = readConfig(useRuntimeConfig(event).llmStream, { env: process.env, baseURL: '/' })
  const { upstreams } = resolveRelayOptions(config, { development: import.meta.dev })
  return [...upstreams.values()].map(({ name, urls, models }) => ({
    name,
    protocols: PROTOCOLS.filter(protocol => urls[protocol]),
    models: [...models?.keys() ?? []],
  }))
})

const PROTOCOLS = ['chat', 'responses', 'messages'] as const
