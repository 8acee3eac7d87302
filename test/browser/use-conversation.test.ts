import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { toFrames } from '../../src/runtime/testing'
import type { Probe } from '../fixtures/vue-app/src/probe'
import { launchChromium } from '../setup/browser'
import type { ServedVueApp } from '../setup/vue-app'
import { serveVueApp } from '../setup/vue-app'

let browser: Browser
let app: ServedVueApp
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  [browser, app] = await Promise.all([launchChromium(inject('chromium')), serveVueApp()])
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})
beforeEach(async () => {
  app.upstream.clear()
  page = await browser.newPage()
  page.on('pageerror', error => complaints.push(String(error)))
})
afterEach(async () => {
  await page.context().close()
  expect(complaints.splice(0)).toEqual([])
})

const status = () => page.locator('#chat output').textContent()
const readProbe = () => page.evaluate((): Probe => window.probe)

it('renders the message that grows, at most once per painted frame, and none of the 200 above it', async () => {
  const words = Array.from({ length: 3000 }, (_, index) => `word${index} `)
  app.upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: spread(toFrames({ text: words }, { protocol: 'chat' })) })
  await page.goto(`${app.url}/?chat&past=200`)
  await page.click('#chat .send')
  await expect.poll(status, { timeout: 30_000 }).toBe('ready complete')
  expect((await page.locator('article').last().textContent())?.trim()).toBe(words.join('').trim())
  const { frames, liveRenders, pastRenders, listRenders } = await readProbe()
  expect(liveRenders).toBeGreaterThan(10)
  expect(liveRenders).toBeLessThanOrEqual(frames + 2)
  expect(pastRenders).toBe(0)
  // The user's message, the answer's first part, its end.
  expect(listRenders).toBeLessThanOrEqual(4)
  expect(await page.locator('article').count()).toBe(202)
})

it('sends the conversation, and stops the upstream when Stop is clicked', async () => {
  app.upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: spread(toFrames({ text: Array.from({ length: 10_000 }, () => 'word ') }, { protocol: 'chat' })) })
  await page.goto(`${app.url}/?chat&past=2`)
  await page.click('#chat .send')
  await expect.poll(status).toBe('streaming ')
  await page.click('#chat .stop')
  await expect.poll(status).toBe('ready stopped')
  expect(await app.upstream.calls[0]!.ended).toBe('aborted')
  expect(app.upstream.calls[0]!.body).toMatchObject({ messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user', content: 'Go on.' }] })
  expect(await page.locator('article').last().textContent()).toMatch(/word/)
})

/** About 750 frames a second, as real time allows. */
async function* spread(frames: string[]) {
  for (let sent = 0; sent < frames.length; sent += 3) {
    yield frames.slice(sent, sent + 3).join('')
    yield { do: 'wait' as const, ms: 4 }
  }
}
