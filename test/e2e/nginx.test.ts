import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { holdAfter } from '../../src/runtime/testing'
import { createGate } from '../setup/gate'
import { startNginx } from '../setup/nginx'
import type { NginxOptions } from '../setup/nginx'
import { ask, post, readAnswer } from '../support/ask-relay'
import { startBuilt } from '../support/relay-under-test'
import type { BuiltRelay } from '../support/relay-under-test'

let relay: BuiltRelay
beforeAll(async () => {
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000 }, heartbeat: 100 })
})
afterEach(() => relay.upstream.clear())
afterAll(() => relay.close())

/** The relay's address behind an nginx that lives as long as the test. */
async function behind(options: Omit<NginxOptions, 'upstream'>): Promise<string> {
  const nginx = await startNginx({ upstream: relay.server.url, ...options })
  onTestFinished(nginx.close)
  return `${nginx.url}/api/llm`
}

describe('F37: nginx in front', () => {
  it.each([
    ['as it comes', ''],
    ['that compresses event streams', 'gzip on; gzip_types text/event-stream; gzip_min_length 1; gzip_proxied any;'],
  ])('%s hands on each event as it comes', async (_, http) => {
    const seen = createGate()
    relay.upstream.respond = () => ({ text: ['first', ' second'], usage: false, fault: holdAfter(2, seen.opened) })
    const response = await post(await behind({ http }))
    expect(response.headers.get('content-encoding')).toBe(http ? 'gzip' : null)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text += read.value
      // The rest is held back until the client has the first piece: buffered anywhere, it would never come.
      if (text.includes('first')) seen.open()
    }
    expect(text).toMatch(/ second[\s\S]*\[DONE\]\n\n$/)
  })

  it('that gives up on silence is kept by heartbeats', async () => {
    relay.upstream.respond = () => ({
      headers: { 'content-type': 'text/event-stream' },
      body: ['data: {"choices":[{"delta":{"content":"a"}}]}\n\n', { do: 'wait', ms: 1500 }, 'data: [DONE]\n\n'],
    })
    const answer = await ask(await behind({ location: 'proxy_read_timeout 500ms;' }))
    expect([answer.whole, answer.messages.at(-1)?.data]).toEqual([true, '[DONE]'])
    expect(answer.text.match(/^:$/gm)!.length).toBeGreaterThan(2)
  })
})

describe('T22: a shared cache in front', () => {
  it('keeps nobody\'s answer for somebody else', async () => {
    const url = await behind({
      http: 'proxy_cache_path cache keys_zone=shared:1m;',
      location: 'proxy_cache shared; proxy_cache_methods GET HEAD POST; proxy_cache_key $request_uri; proxy_cache_valid any 1m; add_header x-cache $upstream_cache_status;',
    })
    for (const stream of [true, false]) {
      const texts = []
      for (const user of ['a', 'b']) {
        relay.upstream.respond = () => `for ${user}`
        const answer = await readAnswer(await post(url, { body: { stream }, headers: { 'x-test-user': user } }))
        expect(answer.headers.get('x-cache')).toBe('MISS')
        texts.push(answer.text)
      }
      expect(texts).toEqual([expect.stringContaining('a'), expect.not.stringContaining('for a')])
    }
    expect(relay.upstream.calls).toHaveLength(4)
  })
})
