/** Names of the configured upstreams, for the switch on the first page. */
export default defineEventHandler(event => Object.keys(useRuntimeConfig(event).llmStream.upstreams))
