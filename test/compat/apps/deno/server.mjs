/* global Deno */
import process from 'node:process'
import { createRelay } from 'nuxt-llm-stream/relay'

const relay = createRelay({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
Deno.serve({ hostname: '127.0.0.1', port: 0 }, (request, { remoteAddr }) => relay(request, { ip: remoteAddr.hostname }))
