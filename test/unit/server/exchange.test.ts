import { createApp, eventHandler, readBody, toNodeListener } from 'h3'
import { expect, it } from 'vitest'
import { toExchange } from '../../../src/runtime/server/utils/exchange'
import { listen } from '../../support/relay-server'

/** A server whose answer is what the relay would read of the request, or the code that it would fail with. */
async function startEcho({ readBefore }: { readBefore: boolean }) {
  const app = createApp()
  if (readBefore) app.use(eventHandler(async (event) => { await readBody(event) }))
  app.use(eventHandler(async (event) => {
    const { exchange: { readBody, sink } } = toExchange(event)
    const read = await readBody(20, new AbortController().signal).catch((error: { code: string }) => new TextEncoder().encode(error.code))
    sink.write(read)
    sink.end()
  }))
  const { url } = await listen(toNodeListener(app))
  return async (body: string) => (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text()
}

it('knows the whole path of a request below a base URL', async () => {
  const app = createApp()
  app.use('/shop/', eventHandler((event) => {
    const { exchange: { url, sink } } = toExchange(event)
    sink.write(new TextEncoder().encode(url))
    sink.end()
  }))
  const { url } = await listen(toNodeListener(app))
  expect(await (await fetch(`${url}/shop/api/llm/chat/completions?x=1`)).text()).toBe('/shop/api/llm/chat/completions?x=1')
})

it.each([true, false])('reads the body, within its limit, whether or not a middleware has read it before: %s', async (readBefore) => {
  const ask = await startEcho({ readBefore })
  expect(await ask('{"a":"ä"}')).toBe('{"a":"ä"}')
  expect(await ask(JSON.stringify('x'.repeat(20)))).toBe('body_too_large')
})
