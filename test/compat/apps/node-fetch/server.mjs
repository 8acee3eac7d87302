import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createRelay } from 'nuxt-llm-stream/relay'

const relay = createRelay({
  upstreams: { default: { baseURL: process.env.UPSTREAM_URL, models: ['m'], allowPrivate: true } },
  public: true,
  resume: true,
})
const server = createServer(async (request, response) => {
  const leaving = new AbortController()
  response.once('close', () => leaving.abort())
  const answer = await relay(new Request(new URL(request.url, 'http://127.0.0.1'), {
    method: request.method, headers: request.headers, signal: leaving.signal,
    ...(request.method === 'POST' && { body: Readable.toWeb(request), duplex: 'half' }),
  }), { ip: request.socket.remoteAddress })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  await pipeline(answer.body ?? [], response).catch(() => {}) // the reader left
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`Listening on http://127.0.0.1:${server.address().port}`)
