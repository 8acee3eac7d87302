import express from 'express'
import { createRelayListener } from 'nuxt-llm-stream/relay'

const relay = createRelayListener({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const app = express()
app.use(express.json()) // as most apps do
app.use('/api/llm', relay)
const server = app.listen(0, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`))
