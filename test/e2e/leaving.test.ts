import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { createFakeUpstream, stallAfter } from '../../src/runtime/testing'
import { launchChromium, openPage } from '../setup/browser'
import { startDev } from '../setup/dev'
import { startPlayground } from '../setup/playground'

let browser: Browser
const upstream = createFakeUpstream({ respond: () => ({ text: 'One two three four.', fault: stallAfter(2) }) })
let baseURL: string

beforeAll(async () => {
  browser = await launchChromium(inject('chromium'))
  baseURL = (await upstream.listen()).url
})

afterEach(() => upstream.clear())

afterAll(async () => {
  await browser?.close()
  await upstream.close()
})

/** Starts an answer that never ends, closes the tab in the middle, and tells how long the upstream call lived on. */
async function closeTab(url: string): Promise<number> {
  const page = await openPage(browser, url)
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('#text').filter({ hasText: /\S/ }).waitFor()
  const call = await upstream.call(0)
  const closed = performance.now()
  await page.close()
  expect(await call.ended).toBe('aborted')
  return call.endedAt! - closed
}

it('ends the upstream call when the tab closes, in the built server', async () => {
  const server = await startPlayground(baseURL)
  try {
    expect(await closeTab(server.url)).toBeLessThan(250)
  }
  finally {
    await server.close()
  }
})

it('ends the upstream call when the tab closes, in nuxt dev', async () => {
  const dev = await startDev({
    app: fileURLToPath(new URL('../../playground', import.meta.url)),
    env: { NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: baseURL, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_MODELS: '["test-model"]' },
  })
  try {
    expect(await closeTab(dev.url)).toBeLessThan(250)
  }
  finally {
    await dev.close()
  }
})
