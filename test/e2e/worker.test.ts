import { readdirSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Miniflare } from 'miniflare'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Reply } from '../../src/runtime/testing'
import { createFakeUpstream, resetAfter, stallAfter } from '../../src/runtime/testing'
import { createGate } from '../setup/gate'
import { buildApp } from '../setup/nuxt'

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

let app: string
let worker: Miniflare
let url: URL
let reply: () => Reply
const upstream = createFakeUpstream({ respond: () => reply() })

beforeAll(async () => {
  // The same app for another platform, in a folder of its own.
  app = await mkdtemp(join(fixtures, 'worker-'))
  await cp(join(fixtures, 'basic'), app, { recursive: true, filter: path => !/[\\/]\.(?:output|nuxt)/.test(relative(fixtures, path)) })
  await buildApp(app, { NITRO_PRESET: 'cloudflare-module' })
  const { url: baseURL } = await upstream.listen()
  const server = join(app, '.output/server')
  const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.mjs'))
  worker = new Miniflare({
    modules: await Promise.all(['index.mjs', ...files.filter(file => file !== 'index.mjs')]
      .map(async file => ({ type: 'ESModule' as const, path: file, contents: await readFile(join(server, file), 'utf8') }))),
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
    bindings: {
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: baseURL,
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_RETRIES: '0',
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_API_KEY: 'sk-CANARY',
      // The local runtime notices a reader that left with the next write only, so the heartbeat bounds it.
      NUXT_LLM_STREAM_HEARTBEAT: '100',
    },
  })
  url = await worker.ready
}, 240_000)

beforeEach(() => upstream.clear())

afterAll(async () => {
  await worker?.dispose()
  await upstream.close()
  if (app) await rm(app, { recursive: true, force: true })
})

function ask(init: RequestInit = {}, body: object = {}) {
  return fetch(new URL('/api/llm/chat/completions', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...init.headers },
    body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }], ...body }),
    signal: init.signal,
  })
}

it('streams piece by piece from a worker', async () => {
  const seen = createGate()
  reply = () => ({
    headers: { 'content-type': 'text/event-stream' },
    body: (async function* () {
      yield 'data: {"choices":[{"index":0,"delta":{"content":"first"}}]}\n\n'
      await seen.opened
      yield 'data: {"choices":[{"index":0,"delta":{"content":" second"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    })(),
  })
  const response = await ask()
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes('first')) seen.open()
  }
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(text).toMatch(/ second.*data: \[DONE\]\n\n$/s)
  expect(upstream.calls[0]!.headers.authorization).toBe('Bearer sk-CANARY')
})

it('answers without streaming', async () => {
  reply = () => 'All at once.'
  const response = await ask({}, { stream: false })
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'All at once.' } }] })
})

it('says who may not, without a call upstream', async () => {
  const response = await ask({ headers: { 'x-test-authorize': 'null' } })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ error: { code: 'unauthorized' } })
  expect(upstream.calls).toHaveLength(0)
})

it('ends a broken answer with one error frame', async () => {
  reply = () => ({ text: 'One two three', fault: resetAfter(2) })
  const text = await (await ask()).text()
  expect(text.match(/event: error/g)).toHaveLength(1)
  expect(text).toMatch(/"code":"upstream_(?:reset|truncated)"/)
})

it('ends the upstream call when the reader leaves', async () => {
  reply = () => ({ text: 'One two three', fault: stallAfter(2) })
  const leaving = new AbortController()
  const response = await ask({ signal: leaving.signal })
  await response.body!.getReader().read()
  leaving.abort()
  expect(await (await upstream.call(0)).ended).toBe('aborted')
})
