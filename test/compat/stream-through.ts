import { expect } from 'vitest'
import type { FakeUpstream } from '../../src/runtime/testing'
import { stallAfter } from '../../src/runtime/testing'
import { launchChromium, openPage } from '../setup/browser'
import { createGate } from '../setup/gate'
import { CHROMIUM, requireProgram } from '../setup/programs'

const WORDS = ['one', 'two', 'three', 'four', 'five']

/** Asks a relay at this origin, and expects each event before the next is sent. */
export async function expectEventsOneByOne(origin: string, upstream: FakeUpstream): Promise<void> {
  const seen = answerWordByWord(upstream)
  const response = await ask(origin)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    seen(text)
  }
  expect(text).toMatch(/data: \[DONE\]\n\n$/)
}

/** Leaves in mid-answer, and expects the upstream's call to end with that. */
export async function expectLeavingToEndTheCall(origin: string, upstream: FakeUpstream): Promise<void> {
  upstream.clear()
  upstream.respond = () => ({ text: 'One two three', fault: stallAfter(2) })
  const leaving = new AbortController()
  const response = await ask(origin, leaving.signal)
  await response.body!.getReader().read()
  leaving.abort()
  expect(await (await upstream.call(0)).ended).toBe('aborted')
}

/** Asks from the page with `useStream` at this origin, and expects each word on the screen before the next is sent. */
export async function expectPageToStream(origin: string, upstream: FakeUpstream): Promise<void> {
  const seen = answerWordByWord(upstream)
  const browser = await launchChromium(requireProgram(CHROMIUM))
  try {
    const page = await openPage(browser, origin)
    await page.click('button')
    for (const word of WORDS) {
      await page.getByText(word).waitFor()
      seen(word)
    }
    await page.locator('[data-status=ready]').waitFor()
    expect((await page.locator('p').textContent())?.trim()).toBe(WORDS.join(' '))
  }
  finally {
    await browser.close()
  }
}

/** The upstream holds each word back until the one before was seen: buffered anywhere, it would never come. */
function answerWordByWord(upstream: FakeUpstream): (text: string) => void {
  const gates = WORDS.map(createGate)
  upstream.respond = () => ({
    headers: { 'content-type': 'text/event-stream' },
    body: (async function* () {
      for (const [index, word] of WORDS.entries()) {
        yield `data: {"choices":[{"index":0,"delta":{"content":"${word} "}}]}\n\n`
        await gates[index]!.opened
      }
      yield 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    })(),
  })
  return text => WORDS.forEach((word, index) => text.includes(word) && gates[index]!.open())
}

function ask(origin: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${origin}/api/llm/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    signal,
  })
}
