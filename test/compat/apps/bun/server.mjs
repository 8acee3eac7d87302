/* global Bun */
import { createRelay } from 'nuxt-llm-stream/relay'

const relay = createRelay({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const { port } = Bun.serve({
  hostname: '127.0.0.1', port: 0,
  fetch: (request, server) => relay(request, { ip: server.requestIP(request)?.address }),
})
console.log(`Listening on http://127.0.0.1:${port}`)
