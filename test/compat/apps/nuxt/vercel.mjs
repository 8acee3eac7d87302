import { createServer } from 'node:http'

/** What Vercel's Node runtime does with the function that was built: it calls it with Node's request and response. */
const { default: handle } = await import(new URL('.vercel/output/functions/__fallback.func/index.mjs', import.meta.url))
const server = createServer(handle).listen(0, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${server.address().port}`))
