import Fastify from 'fastify'
import { createRelayListener } from 'nuxt-llm-stream/relay'

const relay = createRelayListener({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const app = Fastify()
app.register(async (scope) => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (request, payload, done) => done(null)) // the relay reads the body itself
  scope.all('/api/llm/*', (request, reply) => {
    reply.hijack()
    relay(request.raw, reply.raw)
  })
})
console.log(`Listening on ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
