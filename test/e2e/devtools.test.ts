import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createFakeUpstream } from '../../src/runtime/testing'
import { launchChromium } from '../setup/browser'
import { type DevServer, startDev } from '../setup/dev'
import { sendRaw } from '../support/raw-request'

const CANARY = 'sk-CANARY-4f9d2c7b1e8a'
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** The page looks at the server once a second, and the machine may be busy. */
const WAIT = { timeout: 15_000 }

const upstream = createFakeUpstream({ respond: () => ({ text: ['Fo', 'ur.'], usage: { inputTokens: 5, outputTokens: 2 } }) })

let browser: Browser
let dev: DevServer

beforeAll(async () => {
  const { url } = await upstream.listen()
  dev = await startDev({
    app: fileURLToPath(new URL('../fixtures/development', import.meta.url)),
    patience: 150_000,
    env: { NUXT_LLM_STREAM_API_KEY: CANARY, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: `${url}/v1` },
  })
  browser = await launchChromium(inject('chromium'))
})

afterAll(async () => {
  await browser?.close()
  await dev?.close()
  await upstream.close()
})

async function ask(content: string): Promise<void> {
  await (await fetch(`${dev.url}/api/llm/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content }], stream: true }),
  })).text()
}

interface Visit {
  page: Page
  /** What the page asked other hosts for, and what it complained of. */
  faults: string[]
}

async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
  const page = await (await browser.newContext(options)).newPage()
  const faults: string[] = []
  page.on('pageerror', error => faults.push(error.message))
  page.on('console', message => ['error', 'warning'].includes(message.type()) && faults.push(message.text()))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'data:' && host !== new URL(dev.url).host) faults.push(request.url())
  })
  await page.goto(`${dev.url}/__llm-stream/`)
  return { page, faults }
}

it('shows a run as it was asked for, as it went upstream, and as it came back, without the key', async () => {
  const { page, faults } = await open()
  await page.getByText('No runs yet.').waitFor()
  await ask('Two and two?')
  await page.getByRole('heading', { name: 'Two and two?' }).waitFor()
  await expect.poll(() => page.locator('.badge').textContent(), WAIT).toBe('complete')
  expect(await page.locator('#panel').textContent()).toBe('Four.')
  expect(await page.locator('.facts').textContent()).toContain('test-model')

  await page.getByRole('tab', { name: 'Events' }).click()
  const rows = page.locator('.events li')
  await expect.poll(() => rows.last().textContent(), WAIT).toMatch(/^\+\d+ ms\[DONE\]/)
  await rows.first().locator('summary').click()
  expect(await rows.first().locator('pre').textContent()).toContain('"choices"')

  await page.getByRole('tab', { name: 'Events' }).focus()
  await page.keyboard.press('ArrowRight')
  await expect.poll(() => page.locator('#panel').textContent(), WAIT).toContain('authorization: ********')
  expect(await page.content()).not.toContain('CANARY')
  expect(faults).toEqual([])
  await page.context().close()
})

it('is found without the slash at its end too', async () => {
  const response = await fetch(`${dev.url}/__llm-stream`)
  expect([response.status, response.url]).toEqual([200, `${dev.url}/__llm-stream/`])
})

it('runs a past run again', async () => {
  upstream.clear()
  await ask('Once more?')
  const { page } = await open()
  await page.getByRole('heading', { name: 'Once more?' }).waitFor()
  await page.getByRole('button', { name: 'Run again' }).click()
  await expect.poll(() => page.getByRole('button', { name: /Once more\?/ }).count(), WAIT).toBe(2)
  expect(upstream.calls.map(({ body }) => body)).toEqual([upstream.calls[0]!.body, upstream.calls[0]!.body])
  await page.context().close()
})

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it('is accessible and fits a phone', async () => {
    await ask('A question that is longer than a phone is wide, so that something has to give way?')
    const { page } = await open({ colorScheme, viewport: { width: 390, height: 844 } })
    for (const look of ['list', 'details'] as const) {
      if (look === 'details') await page.locator('.row').first().click()
      await page.locator(look === 'list' ? '.row' : '#panel').first().waitFor()
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => (window as unknown as AxeWindow).axe.run())
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`), look).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), look).toBe(true)
    }
    await page.getByRole('button', { name: 'All runs' }).click()
    await page.locator('.row').first().waitFor()
    await page.context().close()
  })
})

it.each([
  ['a page of another origin', { 'sec-fetch-site': 'cross-site' }],
  ['a page on another port', { 'sec-fetch-site': 'same-site' }],
  ['a name that was rebound to this machine', { host: 'evil.example' }],
])('tells nothing to %s', async (_, headers) => {
  for (const path of ['/__llm-stream/', '/__llm-stream/runs', '/__llm-stream/runs/1']) {
    const { status, text } = await sendRaw(dev.url, { method: 'GET', path, headers })
    expect([status, text.includes('Two and two')]).toEqual([403, false])
  }
})

/** Names that only the development tools have. */
const MARKERS = ['__llm-stream', 'createWatchedRelay', 'createRecorder', 'Answers cannot be recorded', 'LLM runs', 'createFakeUpstream']

it('is no part of a production build, nor is anything else of development', () => {
  const output = join(inject('basicApp'), '.output')
  const files = readdirSync(output, { recursive: true, withFileTypes: true }).filter(file => file.isFile()).map(file => join(file.parentPath, file.name))
  const own = files.filter(file => !file.includes('/server/node_modules/'))
  expect(own.length).toBeGreaterThan(10)
  for (const file of own) {
    const text = readFileSync(file, 'latin1')
    for (const marker of MARKERS) expect(text.includes(marker), `${marker} in ${file}`).toBe(false)
  }
  // What a bundle is made of is listed in its map: no byte of it is of these folders.
  const sources = own.filter(file => file.endsWith('.map')).flatMap(file => (JSON.parse(readFileSync(file, 'utf8')) as { sources: string[] }).sources)
  expect(sources.some(source => source.endsWith('server/relay/pump.ts'))).toBe(true)
  expect(sources.filter(source => /runtime\/(?:server\/dev|testing)\//.test(source))).toEqual([])
})

interface AxeWindow {
  axe: { run: () => Promise<{ violations: { id: string, nodes: { html: string }[] }[] }> }
}
