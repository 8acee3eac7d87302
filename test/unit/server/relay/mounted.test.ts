import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { listen } from '../../../support/relay-server'
import { hello, startWholeRelay } from './support/relay'

type Rewritten = IncomingMessage & { originalUrl?: string, body?: unknown }

/** A server that does to a request what frameworks do before they pass it on. */
async function startBehind(before: (request: Rewritten) => Promise<void> | void) {
  const { relay, upstream } = await startWholeRelay({ limits: { bodyBytes: 1000 } })
  const { url } = await listen((request: Rewritten, response) => {
    void Promise.resolve(before(request)).then(() => relay(request, response))
  })
  const post = (body: object) => fetch(`${url}/api/llm/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  })
  return { post, upstream }
}

it('finds its route where a framework took the path that it is mounted at off', async () => {
  const { post } = await startBehind((request) => {
    request.originalUrl = request.url
    request.url = request.url!.slice('/api/llm'.length)
  })
  expect(await (await post(hello)).text()).toContain('data: [DONE]')
})

describe('behind a body parser', () => {
  it.each([
    ['an object', (body: string) => JSON.parse(body) as unknown],
    ['text', (body: string) => body],
    ['bytes', (body: string) => Buffer.from(body)],
  ])('reads %s', async (_, parse) => {
    const { post, upstream } = await startBehind(async (request) => { request.body = parse(await text(request)) })
    expect(await (await post(hello)).text()).toContain('data: [DONE]')
    expect(upstream.calls[0]!.body).toMatchObject(hello)
  })

  it('holds what it left to the limit', async () => {
    const { post, upstream } = await startBehind(async (request) => { request.body = JSON.parse(await text(request)) })
    const response = await post({ messages: [{ role: 'user', content: 'x'.repeat(2000) }] })
    expect(response.status).toBe(413)
    expect(upstream.calls).toHaveLength(0)
  })

  it('says what to do when it left nothing', async () => {
    const { post, upstream } = await startBehind(async (request) => { await text(request) })
    const response = await post(hello)
    expect(response.status).toBe(500)
    expect(await response.json()).toMatchObject({ error: { code: 'not_configured', message: expect.stringContaining('before body parsers') } })
    expect(upstream.calls).toHaveLength(0)
  })
})
