import { expect, it, onTestFinished } from 'vitest'
import { startBuilt } from '../support/relay-under-test'

it('answers below the base URL that the app is started with', async () => {
  const shop = await startBuilt({}, { NUXT_APP_BASE_URL: '/shop/' })
  onTestFinished(async () => { await shop.close() })
  const ask = (path: string) => fetch(new URL(path, shop.url), {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  expect(await (await ask('/shop/api/llm/chat/completions')).text()).toContain('data: [DONE]')
  expect(await (await ask('/shop/api/llm/v1/chat/completions')).text()).toContain('data: [DONE]')
  expect(await (await ask('/shop/api/llm/nothing')).json()).toMatchObject({ error: { code: 'not_found' } })
})

it('stays where it was built to be, and says that nothing reads a route at start', async () => {
  const relay = await startBuilt({}, { NUXT_LLM_STREAM_ROUTE: '/elsewhere' })
  onTestFinished(async () => { await relay.close() })
  const response = await fetch(`${relay.url}/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  expect(await response.text()).toContain('data: [DONE]')
  expect(relay.output()).toContain('Nothing in this build reads NUXT_LLM_STREAM_ROUTE.')
})
