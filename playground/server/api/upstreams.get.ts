import { resolveRelayOptions } from '../../../src/runtime/server/relay/options'
import { readConfig } from '../../../src/runtime/server/utils/config'
import { PROTOCOL_NAMES } from '../../../src/runtime/shared/wire'

/** What the configuration offers, environment included: the switches of the pages show nothing else. */
export default defineEventHandler((event) => {
  const config = readConfig(useRuntimeConfig(event).llmStream, { env: process.env, baseURL: '/' })
  const { upstreams } = resolveRelayOptions(config, { development: import.meta.dev })
  return [...upstreams.values()].map(({ name, urls, models }) => ({
    name,
    protocols: PROTOCOL_NAMES.filter(protocol => urls[protocol]),
    models: [...models?.keys() ?? []],
  }))
})
