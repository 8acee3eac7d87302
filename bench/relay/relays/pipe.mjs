import { createServer, request as call, Agent } from 'node:http'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

/** The limit: two Node sockets and nothing between them. */
const agent = new Agent({ keepAlive: true })
serve(createServer((request, response) => {
  const upstream = call(`${upstreamUrl}/v1/chat/completions`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': request.headers['content-length'] } }, (answer) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    answer.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  response.on('close', () => upstream.destroy())
  request.pipe(upstream)
}))
