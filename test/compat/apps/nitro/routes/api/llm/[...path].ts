import { defineHandler } from 'nitro/h3'
import { createRelay } from 'nuxt-llm-stream/relay'

const relay = createRelay({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})

export default defineHandler(event => relay(event.req, { ip: event.req.ip, waitUntil: event.req.waitUntil }))
