import { createServer } from 'node:http'
import { createApp, eventHandler, readRawBody, toNodeListener } from 'h3'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

serve(createServer(toNodeListener(createApp().use(eventHandler(async (event) => {
  const answer = await fetch(`${upstreamUrl}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: await readRawBody(event) })
  return new Response(answer.body, { headers: { 'content-type': 'text/event-stream' } })
})))))
