import { createServer } from 'node:http'
import { createApp, eventHandler, proxyRequest, toNodeListener } from 'h3'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

serve(createServer(toNodeListener(createApp().use(eventHandler(event => proxyRequest(event, `${upstreamUrl}/v1/chat/completions`))))))
