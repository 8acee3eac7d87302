const { createServer } = require('node:http')
const { createRelayListener } = require('nuxt-llm-stream/relay')

const relay = createRelayListener({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const server = createServer(relay)
server.listen(0, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`))
