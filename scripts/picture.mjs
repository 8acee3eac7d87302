import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { createFakeUpstream, demoResponder } from '../dist/runtime/testing/index.js'
import { CHROMIUM, requireProgram } from '../test/setup/programs.ts'

/**
 * Takes the pictures of the README: the built playground while an answer streams, in light and in dark. Before it:
 * `npm run build && npx nuxt build playground`.
 */

const SIZE = { width: 1100, height: 790 }
/** Enough of the poem to see that it is not whole. */
const WORDS = 'left open'

const path = name => fileURLToPath(new URL(`../${name}`, import.meta.url))

const upstream = createFakeUpstream({ respond: demoResponder({ delay: 60 }) })
const { url } = await upstream.listen()
const server = spawn(process.execPath, [path('playground/.output/server/index.mjs')], {
  env: {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: '0',
    NUXT_LLM_STREAM_API_KEY: 'sk-demo',
    NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: url,
    NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_ALLOW_PRIVATE: 'true',
  },
})
const browser = await chromium.launch({ executablePath: requireProgram(CHROMIUM) })
try {
  const address = await listening(server)
  for (const colorScheme of ['light', 'dark']) await takePicture(address, colorScheme)
}
finally {
  await browser.close()
  server.kill()
  await once(server, 'exit')
  await upstream.close()
}

async function takePicture(address, colorScheme) {
  const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce', viewport: SIZE, deviceScaleFactor: 1.2 })
  await page.goto(address, { waitUntil: 'networkidle' })
  // No room for a scroll bar that is not there, and nothing that shines through the header.
  await page.addStyleTag({ content: 'html { scrollbar-gutter: auto } main h1, main h1 + p { visibility: hidden }' })
  await page.getByRole('button', { name: 'Send' }).click()
  await page.mouse.move(0, 0)
  await page.locator('#text', { hasText: WORDS }).waitFor()
  await page.locator('main form').evaluate(form => window.scrollTo(0, form.offsetTop - 80))
  const file = path(`docs/images/playground${colorScheme === 'dark' ? '-dark' : ''}.png`)
  await page.screenshot({ path: file })
  await page.close()
  console.log(`${file} ${Math.round(statSync(file).size / 1024)} KiB`)
}

/** The address that a server says it listens on. */
async function listening({ stdout }) {
  let output = ''
  for await (const bytes of stdout) {
    output += bytes
    const [, address] = /Listening on (\S+)/.exec(output) ?? []
    if (address) return address
  }
  throw new Error('The playground did not start. Build it first: npm run build && npx nuxt build playground')
}
