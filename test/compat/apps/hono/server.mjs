import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createRelay } from 'nuxt-llm-stream/relay'

const relay = createRelay({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const app = new Hono()
app.all('/api/llm/*', context => relay(context.req.raw))
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(`Listening on http://127.0.0.1:${port}`))
