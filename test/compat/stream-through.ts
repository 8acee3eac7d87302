import { expect } from 'vitest'
import type { FakeUpstream } from '../../src/runtime/testing'
import { silence, stallAfter } from '../../src/runtime/testing'
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
  expect(await read(response, seen)).toMatch(/data: \[DONE\]\n\n$/)
}

/** Leaves in mid-answer, and before the first word of one, and expects the upstream's call to end with that. */
export async function expectLeavingToEndTheCall(origin: string, upstream: FakeUpstream): Promise<void> {
  upstream.clear()
  upstream.respond = () => ({ text: 'One two three', fault: stallAfter(2) })
  const leaving = new AbortController()
  const response = await ask(origin, { signal: leaving.signal })
  await response.body!.getReader().read()
  leaving.abort()
  expect(await (await upstream.call(0)).ended).toBe('aborted')

  upstream.respond = () => silence()
  const leavingEarly = new AbortController()
  const refused = expect(ask(origin, { signal: leavingEarly.signal })).rejects.toThrow('aborted')
  const call = await upstream.call(1)
  leavingEarly.abort()
  await refused
  expect(await call.ended).toBe('aborted')
}

/** Expects a refusal, of the relay's and of the upstream's, to be an answer with its own status. */
export async function expectErrorsBeforeTheHead(origin: string, upstream: FakeUpstream): Promise<void> {
  const refused = await ask(origin, { headers: { 'content-type': 'text/plain' } })
  expect([refused.status, await refused.json()]).toMatchObject([415, { error: { code: 'unsupported_media_type' } }])
  upstream.respond = () => ({ status: 401, body: '{}' })
  const failed = await ask(origin)
  expect([failed.status, await failed.json()]).toMatchObject([502, { error: { code: 'upstream_auth' } }])
}

/** Leaves a resumable run after its first word, comes back to it, and expects what was missed and what comes. */
export async function expectToResume(origin: string, upstream: FakeUpstream): Promise<void> {
  const seen = answerWordByWord(upstream)
  const leaving = new AbortController()
  const response = await ask(origin, { headers: { 'x-stream-resumable': '1' }, signal: leaving.signal })
  await response.body!.getReader().read()
  leaving.abort()
  const cookie = response.headers.get('set-cookie')!.split(';', 1)[0]!
  const again = await fetch(`${origin}/api/llm/streams/${response.headers.get('x-stream-id')}`, { headers: { cookie, 'x-requested-with': 'nuxt-llm-stream', 'last-event-id': '0' } })
  expect(await read(again, seen)).toMatch(/one .*five .*data: \[DONE\]\n\n$/s)
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

async function read(response: Response, seen: (text: string) => void): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true })
    seen(text)
  }
  return text
}

function ask(origin: string, { headers, signal }: Pick<RequestInit, 'headers' | 'signal'> = {}): Promise<Response> {
  return fetch(`${origin}/api/llm/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
    signal,
  })
}
