import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createFakeUpstream, type Reply } from '../../src/runtime/testing'
import { launchChromium, waitForHydration } from '../setup/browser'
import { startPlayground } from '../setup/playground'
import type { BuiltServer } from '../setup/server'

const CANARY = 'sk-CANARY-4f9d2c7b1e8a'

let browser: Browser
let server: BuiltServer
let reply: Reply
const upstream = createFakeUpstream({ respond: () => reply })

beforeAll(async () => {
  const { url } = await upstream.listen()
  server = await startPlayground(url, {
    NUXT_LLM_STREAM_API_KEY: CANARY,
    NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_RETRIES: '0',
  })
  browser = await launchChromium(inject('chromium'))
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await upstream.close()
})

/** Everything that reaches a browser which opens the playground and sends one prompt: heads and bodies. */
async function collectTraffic(): Promise<string> {
  const page = await browser.newPage()
  const bodies: Promise<string>[] = []
  page.on('response', (response) => {
    bodies.push(response.text().catch(() => '').then(async body => `${response.status()} ${JSON.stringify(await response.allHeaders())} ${body}`))
  })
  await page.goto(server.url)
  await waitForHydration(page)
  await page.getByRole('button', { name: 'Send' }).click()
  await expect.poll(() => page.locator('#outcome').textContent()).not.toBe('–')
  const shown = await page.content()
  const traffic = await Promise.all(bodies)
  await page.close()
  return [shown, ...traffic].join('\n')
}

it.each<[string, Reply]>([
  ['an answer', 'Hello.'],
  ['a refusal that echoes the key', { status: 401, headers: { 'x-echo': CANARY }, error: { message: `Incorrect API key provided: ${CANARY}` } }],
  ['an error in the middle that echoes the key', { text: 'So far', error: { message: `Bad key ${CANARY}` } }],
])('keeps the key from the browser with %s', async (_, next) => {
  reply = next
  upstream.clear()
  expect(await collectTraffic()).not.toContain('CANARY')
  expect(upstream.calls[0]!.headers.authorization).toBe(`Bearer ${CANARY}`)
  expect(server.output()).not.toContain('CANARY')
})

it('keeps the key out of everything that the build serves', () => {
  const files = readdirSync(join(inject('playgroundApp'), '.output/public'), { recursive: true, encoding: 'utf8' })
    .map(file => join(inject('playgroundApp'), '.output/public', file))
    .filter(file => statSync(file).isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect(readFileSync(file, 'latin1')).not.toContain('CANARY')
})
