import { createServer } from 'node:http'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

const { createListener } = await import(new URL('../.build/ours.js', import.meta.url))
serve(createServer(createListener(upstreamUrl, 'http', { resume: true })))
