import { createApp, eventHandler, readBody, toNodeListener } from 'h3'
import { expect, it } from 'vitest'
import { toExchange } from '../../../src/runtime/server/utils/exchange'
import { openSocket } from '../../support/client-socket'
import { listen } from '../../support/relay-server'

/** A server whose answer is what the relay would read of the request, or the code that it would fail with. */
async function startEcho({ readBefore }: { readBefore: boolean }) {
  const app = createApp()
  if (readBefore) app.use(eventHandler(async (event) => { await readBody(event) }))
  app.use(eventHandler(async (event) => {
    const { exchange, exchange: { sink } } = toExchange(event)
    const read = await exchange.readBody(20, new AbortController().signal).catch((error: { code: string }) => new TextEncoder().encode(error.code))
    sink.write(read)
    sink.end()
  }))
  const { url } = await listen(toNodeListener(app))
  return async (body: string) => (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text()
}

/** A listener of an app with this base URL, whose answer is the path that the relay would see. */
function createPathEcho(base: string) {
  const app = createApp()
  app.use(`${base}/`, eventHandler((event) => {
    const { exchange: { url, sink } } = toExchange(event, base)
    sink.write(new TextEncoder().encode(url))
    sink.end()
  }))
  return toNodeListener(app)
}

it('knows the whole path of a request below a base URL, as it was written', async () => {
  const { url } = await listen(createPathEcho('/shop'))
  for (const path of ['/shop/api/llm/chat/completions?x=1', '/shop/api/llm/ch%61t/completions']) expect(await (await fetch(`${url}${path}`)).text()).toBe(path)
})

it('leaves out the path that the whole app is mounted below, in Express and those like it', async () => {
  const handle = createPathEcho('')
  const { url } = await listen((request, response) => {
    Object.assign(request, { originalUrl: request.url, url: request.url!.slice('/mount'.length) })
    return handle(request, response)
  })
  expect(await (await fetch(`${url}/mount/api/llm/chat/completions`)).text()).toBe('/api/llm/chat/completions')
})

it.each([true, false])('reads the body, within its limit, whether or not a middleware has read it before: %s', async (readBefore) => {
  const ask = await startEcho({ readBefore })
  expect(await ask('{"a":"ä"}')).toBe('{"a":"ä"}')
  expect(await ask(JSON.stringify('x'.repeat(20)))).toBe('body_too_large')
})

it('writes to the socket also for a request that was sent ahead of the answer to the one before', async () => {
  const webs: boolean[] = []
  const app = createApp()
  app.use(eventHandler((event) => {
    const { exchange: { sink }, response } = toExchange(event)
    webs.push(response !== undefined)
    setImmediate(() => {
      sink.write(new TextEncoder().encode(`answer ${webs.length};`))
      sink.end()
    })
  }))
  const { url } = await listen(toNodeListener(app))
  const client = await openSocket(url)
  client.socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(2))
  await client.until(text => text.match(/answer/g)?.length === 2)
  client.socket.destroy()
  expect(webs).toEqual([false, false])
})
