import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { launchChromium } from '../../test/setup/browser.ts'
import { CHROMIUM, requireProgram } from '../../test/setup/programs.ts'
import { writeSection } from '../lib/results.mjs'
import { buildClient } from './build.mjs'
import { chunksOf, wordsOf } from './wire.mjs'

/** What an answer costs a real page: renders, frames and tasks of Chromium. `--brief`: that both still show all of it. */
const brief = process.argv.includes('--brief')
const root = fileURLToPath(new URL('..', import.meta.url))

const scenarios = [
  { title: '8 000 deltas at 750 a second', deltas: brief ? 200 : 8000, rate: 750, history: 50 },
  { title: '2 000 deltas that wait already', deltas: brief ? 200 : 2000, history: 50 },
]
const contestants = [
  { name: 'useConversation', label: 'useConversation', dialect: 'chat' },
  { name: 'aiSdk', label: 'AI SDK Vue Chat', dialect: 'ui' },
]

await buildClient()
const page = await build({
  entryPoints: [`${root}client/browser-page.mjs`], bundle: true, format: 'esm', target: 'es2022', write: false, minify: true,
  define: { 'process.env.NODE_ENV': '"production"', '__VUE_OPTIONS_API__': 'false', '__VUE_PROD_DEVTOOLS__': 'false', '__VUE_PROD_HYDRATION_MISMATCH_DETAILS__': 'false' },
})

const server = createServer(async ({ method, url }, response) => {
  if (method === 'GET' && url === '/page.js') return response.setHeader('content-type', 'text/javascript').end(page.outputFiles[0].text)
  if (method === 'GET') return response.setHeader('content-type', 'text/html').end('<!doctype html><div id=app></div><script type=module src=/page.js></script>')
  const [, dialect, scenario] = url.split('/')
  const { deltas, rate } = scenarios[scenario]
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1' })
  await send(response, chunksOf(dialect, wordsOf(deltas)), rate)
}).listen(0, '127.0.0.1')
await once(server, 'listening')

/** All at once, or as many a second as are due. */
async function send(response, chunks, rate) {
  const began = performance.now()
  for (let sent = 0; sent < chunks.length;) {
    const due = rate ? Math.min(Math.ceil((performance.now() - began) / 1000 * rate), chunks.length) : chunks.length
    if (due > sent) response.write(Buffer.concat(chunks.slice(sent, sent = due)))
    await new Promise(resolve => setTimeout(resolve, 4))
  }
  response.end()
}

const browser = await launchChromium(requireProgram(CHROMIUM))
const lines = ['| | | frames painted | renders of the message that grows | of the others | characters to show a frame after the last byte | tasks over 50 ms (longest) |', '|---|---|---|---|---|---|---|']
for (const [index, { title, deltas, history }] of scenarios.entries()) {
  for (const { name, label, dialect } of contestants) {
    const tab = await browser.newPage()
    await tab.goto(`http://127.0.0.1:${server.address().port}/`)
    await tab.waitForFunction(() => window.measure)
    const input = { name, history, path: `/${dialect}/${index}`, expected: wordsOf(deltas).join('') }
    const { frames, live, past, left, long, longest } = await tab.evaluate(input => window.measure(input), input)
    lines.push(`| ${title} | ${label} | ${frames} | ${live} | ${past} | ${left} | ${long} (${Math.round(longest)} ms) |`)
    console.log(lines.at(-1))
    await tab.close()
  }
}
await browser.close()
server.close()
if (!brief) await writeSection('Client in Chromium', ['One page, 50 messages above the one that grows, one component for each.', '', ...lines], ['@ai-sdk/vue', 'vue'])
