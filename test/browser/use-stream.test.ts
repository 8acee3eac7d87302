import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { createLiveAnswer, resetAfter, toFrames } from '../../src/runtime/testing'
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
  page.on('console', message => message.type() === 'warning' && complaints.push(message.text()))
})
afterEach(async () => {
  await page.context().close()
  expect(complaints.splice(0)).toEqual([])
})

async function open(query = ''): Promise<void> {
  await page.goto(`${app.url}/${query}`)
}

/** Waits until a panel shows exactly this. */
async function expectShown(text: string | RegExp, { state, panel = 1, timeout = 10_000 }: { state: string, panel?: number, timeout?: number }): Promise<void> {
  const section = page.locator(`#answer-${panel}`)
  await expect.poll(() => section.locator('output').textContent(), { timeout }).toBe(state)
  await expect.poll(() => section.locator('.text').textContent().then(shown => shown?.trim())).toEqual(
    typeof text === 'string' ? text : expect.stringMatching(text))
}

const readProbe = () => page.evaluate((): Probe => window.probe)
const click = (name: 'start' | 'stop' | 'retry', panel = 1) => page.click(`#answer-${panel} .${name}`)

it('paints an answer while it arrives', async () => {
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  await open()
  await click('start')
  await expectShown('', { state: 'submitted ' })
  const [role, ...rest] = toFrames({ text: ['One ', 'two ', 'three.'] }, { protocol: 'chat' })
  live.emit(role!, rest.shift()!)
  await expectShown('One', { state: 'streaming ' })
  live.emit(rest.shift()!)
  await expectShown('One two', { state: 'streaming ' })
  live.emit(...rest)
  live.end()
  await expectShown('One two three.', { state: 'ready complete' })
})

it('stops the upstream when Stop is clicked, and keeps the text', async () => {
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  await open()
  await click('start')
  live.emit(...toFrames({ text: ['One ', 'two'] }, { protocol: 'chat' }).slice(0, 2))
  await expectShown('One', { state: 'streaming ' })
  await click('stop')
  await expectShown('One', { state: 'ready stopped' })
  expect(await (await app.upstream.call(0)).ended).toBe('aborted')
})

it('shows an error beside the text that came before it, and tries again when told', async () => {
  app.upstream.respond = () => ({ text: ['One ', 'two ', 'three'], fault: resetAfter(3) })
  await open()
  await click('start')
  await expectShown('One two', { state: 'error failed' })
  expect(await page.locator('[role=alert]').textContent()).toMatch(/upstream_reset/)
  app.upstream.respond = () => ({ text: 'One two three.' })
  await click('retry')
  await expectShown('One two three.', { state: 'ready complete' })
  expect(await page.locator('[role=alert]').count()).toBe(0)
  expect(app.upstream.calls.map(({ body }) => body)).toEqual([app.upstream.calls[0]!.body, app.upstream.calls[0]!.body])
})

it('streams, and stops the upstream, through a service worker that passes requests on', async () => {
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  await open()
  await page.evaluate(async () => {
    const controlled = new Promise(resolve => navigator.serviceWorker.addEventListener('controllerchange', resolve))
    await navigator.serviceWorker.register('/service-worker.js')
    await controlled
  })
  await click('start')
  const frames = toFrames({ text: ['One ', 'two ', 'three'] }, { protocol: 'chat' })
  live.emit(...frames.splice(0, 2))
  await expectShown('One', { state: 'streaming ' })
  live.emit(...frames.splice(0, 1))
  await expectShown('One two', { state: 'streaming ' })
  await click('stop')
  expect(await (await app.upstream.call(0)).ended).toBe('aborted')
})

it('stops the upstream when the page is left', async () => {
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  await open()
  await click('start')
  live.emit(...toFrames({ text: ['One ', 'two'] }, { protocol: 'chat' }).slice(0, 2))
  await expectShown('One', { state: 'streaming ' })
  await page.goto('about:blank')
  expect(await (await app.upstream.call(0)).ended).toBe('aborted')
})

it('fails and keeps the text when the network goes away', async () => {
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  await open()
  await click('start')
  live.emit(...toFrames({ text: ['One ', 'two'] }, { protocol: 'chat' }).slice(0, 2))
  await expectShown('One', { state: 'streaming ' })
  await page.context().setOffline(true) // refuses new connections only
  app.cutConnections()
  await expectShown('One', { state: 'error failed' })
  expect(await page.locator('[role=alert]').textContent()).toMatch(/network_error/)
  expect(app.upstream.calls).toHaveLength(1)
})

it('shows 2 000 deltas that wait already without freezing the page', async () => {
  const words = Array.from({ length: 2000 }, (_, index) => `word${index} `)
  app.upstream.respond = () => ({ headers: { 'content-type': 'text/event-stream' }, body: toFrames({ text: words }, { protocol: 'chat' }).join('') })
  await open()
  await click('start')
  await expectShown(words.join('').trim(), { state: 'ready complete' })
  const { frames, liveRenders } = await readProbe()
  expect(frames).toBeGreaterThanOrEqual(1)
  expect(liveRenders).toBeGreaterThan(1)
  expect(liveRenders).toBeLessThanOrEqual(frames + 2)
})

it('renders at most once per painted frame, and nothing but the text that grows', async () => {
  app.upstream.respond = () => ({
    headers: { 'content-type': 'text/event-stream' },
    body: spread(toFrames({ text: Array.from({ length: 8000 }, () => 'word ') }, { protocol: 'chat' }), 750),
  })
  await open('?past=50')
  await click('start')
  await expectShown(/^(word ){7999}word$/, { state: 'ready complete', timeout: 40_000 })
  const { frames, liveRenders, pastRenders } = await readProbe()
  expect(liveRenders).toBeLessThanOrEqual(frames + 2)
  expect(pastRenders).toBe(0)
})

it('streams three answers at once, each into its own place', async () => {
  const lives = [createLiveAnswer(), createLiveAnswer(), createLiveAnswer()]
  app.upstream.respond = ({ body }) => lives[Number(JSON.stringify(body).match(/Question (\d)/)![1]) - 1]!
  await open('?streams=3')
  for (const panel of [1, 2, 3]) await click('start', panel)
  const frames = [1, 2, 3].map(panel => toFrames({ text: [`Answer ${panel}`, ' is here.'] }, { protocol: 'chat' }))
  for (const [index, live] of lives.entries()) live.emit(...frames[index]!.splice(0, 2))
  for (const panel of [1, 2, 3]) await expectShown(`Answer ${panel}`, { state: 'streaming ', panel })
  for (const [index, live] of lives.entries()) {
    live.emit(...frames[index]!)
    live.end()
  }
  for (const panel of [1, 2, 3]) await expectShown(`Answer ${panel} is here.`, { state: 'ready complete', panel })
})

/** The frames at so many a second, as real time allows. */
async function* spread(frames: string[], perSecond: number) {
  const began = performance.now()
  for (let sent = 0; sent < frames.length;) {
    const due = Math.min(frames.length, Math.ceil((performance.now() - began) / 1000 * perSecond))
    while (sent < due) yield frames[sent++]!
    yield { do: 'wait' as const, ms: 4 }
  }
}
