import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createFakeUpstream, demoResponder } from '../../src/runtime/testing'
import { launchChromium, waitForHydration } from '../setup/browser'
import type { BuiltServer } from '../setup/server'
import { startPlayground } from '../setup/playground'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const upstream = createFakeUpstream({ respond: demoResponder({ delay: 0 }) })

let browser: Browser
let server: BuiltServer

beforeAll(async () => {
  const { url } = await upstream.listen()
  server = await startPlayground(url, {
    NUXT_LLM_STREAM_LIMITS_RATE: '1000',
    NUXT_LLM_STREAM_LIMITS_IP_RATE: '1000',
  })
  browser = await launchChromium(inject('chromium'))
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await upstream.close()
})

/** Each page, and what a visitor does there until there is something to look at. */
const pages: { path: string, use: (page: Page) => Promise<unknown> }[] = [
  { path: '/', use: page => send(page, () => expect.poll(() => page.locator('#outcome').textContent()).toContain('complete')) },
  { path: '/object', use: async (page) => {
    await page.getByRole('button', { name: 'Write a recipe' }).click()
    await expect.poll(() => page.locator('#object h3').textContent()).toContain('Lemonade')
  } },
  { path: '/failures', use: async (page) => {
    await page.getByRole('button', { name: 'Error in mid-answer' }).click()
    await page.getByRole('alert').waitFor()
  } },
  { path: '/resume', use: async (page) => {
    await page.getByRole('button', { name: 'Start a long answer' }).click()
    await expect.poll(() => page.locator('#outcome').textContent()).toContain('complete')
  } },
]

async function send(page: Page, shown: () => Promise<unknown>) {
  await page.getByRole('button', { name: 'Send' }).click()
  await shown()
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(pages)('$path is accessible, fits a phone, and asks nothing of another host', async ({ path, use }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    const complaints: string[] = []
    const hosts = new Set<string>()
    page.on('pageerror', error => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('request', request => hosts.add(new URL(request.url()).host))
    try {
      await page.goto(server.url + path)
      await waitForHydration(page)
      await use(page)
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() => (window as unknown as AxeWindow).axe.run())
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' ')}`)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
      expect(complaints).toEqual([])
      expect([...hosts].filter(host => host !== '' && host !== new URL(server.url).host)).toEqual([])
    }
    finally {
      await context.close()
    }
  })
})

describe('with a provider that only the environment names', () => {
  const provider = createFakeUpstream({ respond: demoResponder({ delay: 0 }) })
  let server: BuiltServer

  beforeAll(async () => {
    const { url } = await provider.listen()
    server = await startPlayground(`${url}/anthropic`, {
      NUXT_LLM_STREAM_API_KEY: 'sk-real',
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_PROVIDER: 'anthropic',
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_MODELS: 'claude-a, claude-b',
    })
  })

  afterAll(async () => {
    await server?.close()
    await provider.close()
  })

  it.each(pages)('$path works unchanged', async ({ path, use }) => {
    provider.clear()
    const page = await browser.newPage()
    try {
      await page.goto(server.url + path)
      await waitForHydration(page)
      await use(page)
      expect(provider.calls.at(-1)).toMatchObject({ path: '/anthropic/messages', body: { model: 'claude-a' }, headers: { 'x-api-key': 'sk-real' } })
    }
    finally {
      await page.close()
    }
  })

  it('offers its protocols and models, and no others', async () => {
    const page = await browser.newPage()
    try {
      await page.goto(server.url)
      await waitForHydration(page)
      for (const [label, options] of [['Protocol', ['Messages']], ['Model', ['claude-a', 'claude-b']]] as const) {
        await page.getByRole('combobox', { name: label }).click()
        expect(await page.getByRole('option').allTextContents()).toEqual(options)
        await page.keyboard.press('Escape')
        await page.getByRole('listbox').first().waitFor({ state: 'hidden' })
      }
    }
    finally {
      await page.close()
    }
  })
})

interface AxeWindow {
  axe: { run: () => Promise<{ violations: { id: string, nodes: { html: string }[] }[] }> }
}
