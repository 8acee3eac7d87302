import { createServer } from 'node:http'
import { Redis } from 'ioredis'
import { startRedis } from '../../lib/redis.mjs'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

const { createListener } = await import(new URL('../.build/ours.js', import.meta.url))
const redis = new Redis(await startRedis())
serve(createServer(createListener(upstreamUrl, 'http', { resume: true, redis })))
