import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFakeUpstream } from '../../src/runtime/testing'
import { createGate } from '../setup/gate'
import { buildApp } from '../setup/nuxt'
import { startServer } from '../setup/server'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the README tells a new user to write, in a folder that knows nothing of this repository. */
const FILES: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'fresh-app', private: true, type: 'module' }),
  'nuxt.config.ts': `export default defineNuxtConfig({
  modules: ['nuxt-llm-stream'],
  compatibilityDate: '2026-11-01',
  llmStream: { upstreams: { default: { baseURL: 'http://127.0.0.1:1', models: ['m'], allowPrivate: true } }, public: true },
})
`,
  'app/app.vue': `<script setup lang="ts">
const { text, start } = useStream()
</script>

<template>
  <button @click="start('Hi')">{{ text }}</button>
</template>
`,
}

let app: string

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'fresh-app-'))
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(app, file)), { recursive: true })
    await writeFile(join(app, file), text)
  }
  await run('npm', ['pack', '--pack-destination', app], { cwd: root })
  const tarball = (await readdir(app)).find(file => file.endsWith('.tgz'))
  await run('npm', ['install', `./${tarball}`, 'nuxt@4.5.2', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: app })
  await buildApp(app)
}, 400_000)

afterAll(() => rm(app, { recursive: true, force: true }))

it('streams piece by piece from the packed module in a fresh app', async () => {
  const seen = createGate()
  const upstream = createFakeUpstream({
    respond: () => ({
      headers: { 'content-type': 'text/event-stream' },
      // The rest is held back until the client has the first piece: buffered anywhere, it would never come.
      body: (async function* () {
        yield 'data: {"choices":[{"index":0,"delta":{"content":"first"}}]}\n\n'
        await seen.opened
        yield 'data: {"choices":[{"index":0,"delta":{"content":" second"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
      })(),
    }),
  })
  const { url } = await upstream.listen()
  const server = await startServer({ app, env: { NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: url } })
  try {
    const response = await fetch(`${server.url}/api/llm/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    })
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      if (text.includes('first')) seen.open()
    }
    expect(text).toContain(' second')
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
  }
  finally {
    await server.close()
    await upstream.close()
  }
})

it('gives plain Node its entries', async () => {
  const script = `
    import { collectStream } from 'nuxt-llm-stream/protocol'
    import { createFakeUpstream } from 'nuxt-llm-stream/testing'
    const upstream = createFakeUpstream()
    const { url } = await upstream.listen()
    const { body } = await fetch(url + '/v1/messages', { method: 'POST', body: '{"stream":true}' })
    console.log((await collectStream(body, { protocol: 'messages' })).text)
    await upstream.close()`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: app })
  expect(stdout).toBe('Hello from the fake upstream.\n')
})
