import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Recording } from '../../src/runtime/shared/recording'
import { createFakeUpstream } from '../../src/runtime/testing'
import { type DevServer, startDev } from '../setup/dev'

const CANARY = 'sk-CANARY-4f9d2c7b1e8a'

const folder = mkdtempSync(join(tmpdir(), 'recordings-'))
const upstream = createFakeUpstream()
let dev: DevServer

beforeAll(async () => {
  const { url } = await upstream.listen()
  dev = await startDev({
    app: fileURLToPath(new URL('../fixtures/development', import.meta.url)),
    patience: 150_000,
    env: { TEST_RECORDINGS: folder, NUXT_LLM_STREAM_API_KEY: CANARY, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: `${url}/v1` },
  })
})

afterAll(async () => {
  await dev?.close()
  await upstream.close()
  rmSync(folder, { recursive: true })
})

function ask(path: string, content: string): Promise<Response> {
  return fetch(`${dev.url}/api/llm/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'authorization': `Bearer ${CANARY}-of-the-user`, 'cookie': `session=${CANARY}` },
    body: JSON.stringify({ messages: [{ role: 'user', content }], stream: true }),
  })
}

async function recordings(count: number): Promise<{ sse: Buffer, recording: Recording }[]> {
  await vi.waitUntil(() => readdirSync(folder).filter(file => file.endsWith('.sse')).length === count, { timeout: 15_000 })
  return readdirSync(folder).filter(file => file.endsWith('.sse')).sort().map(file => ({
    sse: readFileSync(join(folder, file)),
    recording: JSON.parse(readFileSync(join(folder, file.replace('.sse', '.json')), 'utf8')) as Recording,
  }))
}

it('records an answer in development and replays it byte for byte without the provider', async () => {
  const frames = ['Zwei ', 'und zwei sind ', 'vier – 四.'].map(content => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\r\n\r\n`)
  upstream.respond = () => ({
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    body: [': hello\n\n', ...frames, 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', 'data: [DONE]\n\n'],
  })
  const live = await (await ask('chat/completions', 'Two and two?')).bytes()

  const [kept] = await recordings(1)
  expect(kept!.sse.toString()).toBe([': hello\n\n', ...frames, 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n', 'data: [DONE]\n\n'].join(''))
  expect(kept!.recording).toMatchObject({
    upstream: 'default', protocol: 'chat', status: 200, contentType: 'text/event-stream; charset=utf-8', ending: 'whole',
    request: { model: 'test-model', stream: true, messages: [{ role: 'user', content: 'Two and two?' }] },
  })
  expect(kept!.recording.chunks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(kept!.sse.length)

  await upstream.close()
  const replayed = await ask('offline/chat/completions', 'Two and two?')
  expect(replayed.status).toBe(200)
  expect(Buffer.from(await replayed.bytes()).toString()).toBe(Buffer.from(live).toString())
  expect(await recordings(1), 'a replay is not recorded again').toHaveLength(1)
})

it('answers what was never recorded with an error', async () => {
  const response = await fetch(`${dev.url}/api/llm/offline/responses`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: 'Hi', stream: true }),
  })
  expect([response.status, await response.json()]).toMatchObject([502, { error: { code: 'upstream_rejected' } }])
})

it('keeps keys, headers and cookies out of recordings', () => {
  const files = readdirSync(folder)
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('CANARY')
})
