import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createFakeUpstream } from '../../src/runtime/testing'
import { launchChromium, openPage } from '../setup/browser'
import { startPlayground } from '../setup/playground'
import type { BuiltServer } from '../setup/server'

interface Recording {
  name: string
  sse: string
  text: string
  finishReason: string | null
}

/** Our own fixtures, and recordings of real providers where a folder with some stands beside the project. */
const recordings = ['../fixtures/wire/chat/', '../../../shared/corpus/chat/']
  .map(folder => fileURLToPath(new URL(folder, import.meta.url)))
  .filter(folder => existsSync(folder))
  .flatMap(readRecordings)

/** What the official client reads otherwise than we do; test/unit/shared/official-clients.test.ts says how. */
const OWN_READING = new Set([
  'data-lines', 'legacy-completions', 'message-instead-of-delta', 'nulls', 'openai-choices', 'unknown',
])

let browser: Browser
let page: Page
let server: BuiltServer
const upstream = createFakeUpstream({
  // The prompt names the recording.
  respond: ({ body }) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: recordings.find(({ name }) => name === lastPrompt(body))!.sse,
  }),
})

beforeAll(async () => {
  const { url } = await upstream.listen()
  server = await startPlayground(url, {
    NUXT_LLM_STREAM_LIMITS_RATE: '10000',
    NUXT_LLM_STREAM_LIMITS_IP_RATE: '10000',
  })
  browser = await launchChromium(inject('chromium'))
  page = await openPage(browser, server.url)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await upstream.close()
})

describe('the playground', () => {
  it.each(recordings)('shows the text of $name', async ({ name, text }) => {
    await page.locator('#prompt').fill(name)
    await page.getByRole('button', { name: 'Send' }).click()
    await expect.poll(() => page.locator('#text').textContent()).toBe(text)
  })
})

describe('the official client', () => {
  it.each(recordings.filter(({ name }) => !OWN_READING.has(name)))('gets the text and finish reason of $name', async ({ name, text, finishReason }) => {
    const client = new OpenAI({ baseURL: `${server.url}/api/llm`, apiKey: 'any' })
    const stream = await client.chat.completions.create({ model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: name }] })
    let got = ''
    let reason: string | null = null
    for await (const { choices: [choice] } of stream) {
      // Mistral's content may be a list of parts, which the client's types do not know.
      const content: unknown = choice?.delta?.content
      got += Array.isArray(content) ? content.map(part => part.type === 'text' ? part.text : '').join('') : content ?? ''
      reason = choice?.finish_reason ?? reason
    }
    expect({ text: got, finishReason: reason }).toEqual({ text, finishReason })
  })
})

function readRecordings(folder: string): Recording[] {
  return readdirSync(folder).filter(file => file.endsWith('.sse')).flatMap((file) => {
    const name = file.slice(0, -'.sse'.length)
    const expected = [`${name}.expected.json`, `${name}.json`].find(json => existsSync(folder + json))!
    const { text, finishReason, outcome } = JSON.parse(readFileSync(folder + expected, 'utf8'))
    // What fails on purpose is for the fault tables.
    return ['failed', 'truncated', 'stopped'].includes(outcome) ? [] : [{ name, sse: readFileSync(folder + file, 'utf8'), text, finishReason }]
  })
}

function lastPrompt(body: unknown): string {
  return (body as { messages: { content: string }[] }).messages.at(-1)!.content
}
