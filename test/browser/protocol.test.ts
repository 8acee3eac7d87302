import { Buffer } from 'node:buffer'
import { fileURLToPath } from 'node:url'
import { Miniflare } from 'miniflare'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import type { Rollup } from 'vite'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { StreamEvent } from '../../src/runtime/shared/events'
import type { StreamResult } from '../../src/runtime/shared/result'
import type { ProtocolName } from '../../src/runtime/shared/wire'
import { streamFixtures, toExpected, wholeFixtures } from '../contracts/fixtures'
import { launchChromium } from '../setup/browser'

const ORIGIN = 'http://app.test'
const protocolEntry = fileURLToPath(new URL('../../src/runtime/shared/index.ts', import.meta.url))
const fixtures = (['chat', 'responses', 'messages'] as const).flatMap(name => [...streamFixtures(name), ...wholeFixtures(name)])

/** A body, and the answer that the entry reads from it, both ways. */
type Question = { protocol: ProtocolName, base64: string }
type Answer = { events: StreamEvent[], result: StreamResult }

/** The one program that every runtime runs: all of the entry that an app would call. */
const PROGRAM = `
  import { collectStream, readStream } from ${JSON.stringify(protocolEntry)}
  export async function read({ protocol, base64 }) {
    const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
    const events = []
    for await (const event of readStream(new Response(bytes).body, { protocol })) events.push(event)
    return { events, result: await collectStream(new Response(bytes).body, { protocol }) }
  }
  export const readAll = async questions => JSON.stringify(await Promise.all(questions.map(read)))`

const CALLERS: Record<string, string> = {
  page: `import { readAll } from 'virtual:program'; globalThis.readAll = readAll`,
  worker: `import { readAll } from 'virtual:program'; onmessage = ({ data }) => readAll(data).then(postMessage)`,
  edge: `import { readAll } from 'virtual:program'; export default { fetch: async request => new Response(await readAll(await request.json())) }`,
}

let files: Map<string, string>

beforeAll(async () => {
  const { output } = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [{
      name: 'program',
      resolveId: source => source.startsWith('virtual:') ? source : undefined,
      load: source => source === 'virtual:program' ? PROGRAM : CALLERS[source.slice('virtual:'.length)],
    }],
    build: {
      write: false, target: 'es2022', modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.keys(CALLERS).map(name => [name, `virtual:${name}`])),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
        preserveEntrySignatures: 'strict',
      },
    },
  }) as Rollup.RolldownOutput
  files = new Map(output.filter(file => file.type === 'chunk').map(({ fileName, code }) => [fileName, code]))
})

const questions: Question[] = fixtures.map(({ protocol, bytes }) => ({ protocol, base64: Buffer.from(bytes).toString('base64') }))

function expectAll(json: string): void {
  const answers = JSON.parse(json) as Answer[]
  expect(answers).toHaveLength(fixtures.length)
  for (const [index, { name, protocol, expected }] of fixtures.entries()) {
    const { result, events } = answers[index]!
    expect(toExpected(protocol, result, events), name).toEqual(expected)
  }
}

describe('in Chromium', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await launchChromium(inject('chromium'))
    page = await browser.newPage()
    await page.route(`${ORIGIN}/**`, (route) => {
      const code = files.get(new URL(route.request().url()).pathname.slice(1))
      return code === undefined
        ? route.fulfill({ contentType: 'text/html', body: '<script type="module" src="/page.js"></script>' })
        : route.fulfill({ contentType: 'text/javascript', body: code })
    })
    await page.goto(ORIGIN)
  })
  afterAll(() => browser?.close())

  it('reads every fixture in a page', async () => {
    expectAll(await page.evaluate(questions => (globalThis as unknown as { readAll: (questions: unknown) => Promise<string> }).readAll(questions), questions))
  })

  it('reads every fixture in a web worker', async () => {
    expectAll(await page.evaluate(questions => new Promise<string>((resolve, reject) => {
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = ({ data }) => resolve(data as string)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(questions)
    }), questions))
  })
})

describe('in workerd', () => {
  let runtime: Miniflare
  let url: URL

  beforeAll(async () => {
    const main = 'edge.js'
    runtime = new Miniflare({
      modules: [main, ...[...files.keys()].filter(name => name !== main)].map(path => ({ type: 'ESModule', path, contents: files.get(path)! })),
      compatibilityDate: '2026-07-01',
    })
    url = await runtime.ready
  })
  afterAll(() => runtime?.dispose())

  it('reads every fixture, without Node\'s own modules', async () => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(questions) })
    expectAll(await response.text())
  })
})
