import { expect, it, vi } from 'vitest'
import { inTurn, silence, stallAfter } from '../../../src/runtime/testing/faults'
import type { Reply } from '../../../src/runtime/testing'
import { hello, startWholeRelay } from '../server/relay/support/relay'

const unlimited = { rate: false, ipRate: false, concurrency: false } as const

/** A relay whose `default` falls back to `backup`; each answers what is given for it. */
async function start(answers: { first: Reply, backup: Reply }, first: { retries?: number, timeouts?: { firstByte?: number, byteIdle?: number } } = {}) {
  return startWholeRelay({
    limits: unlimited,
    upstreams: { default: { models: ['one'], fallback: 'backup', ...first }, backup: { models: ['two'] } },
    respond: call => (call.body as { model: string }).model === 'one' ? answers.first : answers.backup,
  })
}

const models = (calls: readonly { body: unknown }[]) => calls.map(({ body }) => (body as { model: string }).model)

it.each<[title: string, first: Reply]>([
  ['is down', { status: 503, headers: { 'retry-after-ms': '1' } }],
  ['refuses the key', { status: 401 }],
  ['limits the rate for longer than anybody waits', { status: 429, headers: { 'retry-after': '60' } }],
  ['answers something else', { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' }],
])('asks the fallback when an upstream %s', async (_, first) => {
  const { post, upstream, records } = await start({ first, backup: 'Hi' })
  expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
  expect(models(upstream.calls)).toEqual(['one', 'two'])
  await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ upstream: 'backup', outcome: 'complete', attempts: 2 })]))
})

it('asks the fallback when an upstream says nothing at all, and gives that up', async () => {
  const { post, upstream } = await start({ first: silence(), backup: 'Hi' }, { retries: 2, timeouts: { firstByte: 400 } })
  expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
  expect(models(upstream.calls)).toEqual(['one', 'two'])
  expect(await upstream.calls[0]!.ended).toBe('aborted')
})

it('asks no fallback when the request itself is wrong', async () => {
  const { post, upstream } = await start({ first: { status: 400 }, backup: 'Hi' })
  expect((await post('chat/completions', hello)).status).toBe(400)
  expect(upstream.calls).toHaveLength(1)
})

it('asks nobody else once a part of an answer is out', async () => {
  const { post, upstream } = await start({ first: { text: 'one two', fault: stallAfter(2) }, backup: 'Hi' }, { retries: 2, timeouts: { byteIdle: 60 } })
  expect(await (await post('chat/completions', hello)).text()).toContain('"idle_timeout"')
  expect(upstream.calls).toHaveLength(1)
})

it('stops calling an upstream that fails again and again, and asks its fallback at once', async () => {
  const { post, upstream } = await start({ first: { status: 500 }, backup: 'Hi' })
  for (let run = 0; run < 8; run++) expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
  expect(models(upstream.calls).filter(model => model === 'one')).toHaveLength(5)
})

it('says how long an upstream is closed off, without calling it', async () => {
  const { post, upstream } = await startWholeRelay({ limits: unlimited, respond: () => ({ status: 500 }) })
  for (let run = 0; run < 5; run++) await (await post('chat/completions', hello)).text()
  const response = await post('chat/completions', hello)
  expect(response.status).toBe(503)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(25)
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_unavailable', retryable: true } })
  expect(upstream.calls).toHaveLength(5)
})

it('counts no pause as waiting for a first byte', async () => {
  const { post, records } = await startWholeRelay({
    respond: inTurn({ status: 503, headers: { 'retry-after-ms': '800' } }, 'Hi'),
    upstreams: { default: { retries: 1, timeouts: { firstByte: 500 } } },
  })
  expect(await (await post('chat/completions', hello)).text()).toContain('[DONE]')
  await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ outcome: 'complete', attempts: 2 })]))
})
