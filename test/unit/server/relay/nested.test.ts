import { expect, it, vi } from 'vitest'
import { endAfter } from '../../../../src/runtime/testing/faults'
import { hello, startWholeRelay } from './support/relay'

type Given = NonNullable<Parameters<typeof startWholeRelay>[0]>

/** A relay whose upstream is a relay whose upstream is the fake one. */
async function startChain(given: Given) {
  const inner = await startWholeRelay(given)
  const outer = await startWholeRelay({ upstreams: { default: { baseURL: `${inner.url}/api/llm` } } })
  return { inner, outer }
}

it('keeps the code of a relay behind it in a stream', async () => {
  const { outer } = await startChain({ respond: () => ({ text: 'one two three', fault: endAfter(2) }) })
  const text = await (await outer.post('chat/completions', hello)).text()
  expect(text.match(/event: error/g)).toHaveLength(1)
  expect(text).toContain('"code":"upstream_truncated"')
  await vi.waitFor(() => expect(outer.records).toEqual([expect.objectContaining({ outcome: 'truncated', reason: 'upstream_truncated' })]))
})

it.each([
  [{ status: 400, error: { code: 'context_length_exceeded' } }, 400, { code: 'upstream_rejected', upstreamCode: 'context_length_exceeded' }],
  [{ status: 404 }, 502, { code: 'upstream_rejected', retryable: false }],
  [{ status: 401 }, 502, { code: 'upstream_auth', retryable: false }],
  [{ status: 402 }, 502, { code: 'upstream_quota', retryable: false }],
  [{ status: 302, headers: { location: '/' } }, 502, { code: 'upstream_redirect_blocked', retryable: false }],
])('keeps the code of a relay behind it in a status (%j)', async (answer, status, error) => {
  const { outer } = await startChain({ respond: () => answer })
  const response = await outer.post('chat/completions', hello)
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error })
})

it('takes a refusal by the relay behind it for its own trouble, not its client\'s', async () => {
  const { outer } = await startChain({ authorize: () => null })
  const response = await outer.post('chat/completions', hello)
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({ error: { code: 'upstream_auth' } })
})

it('says it in its own words, whatever an upstream says in a relay\'s shape', async () => {
  const forged = { code: 'upstream_error', message: 'CANARY', retryable: true, requestId: 'CANARY', upstreamCode: 'CANARY' }
  const { post } = await startWholeRelay({ respond: () => ({ status: 500, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: forged }) }) })
  const response = await post('chat/completions', hello)
  expect(response.status).toBe(502)
  expect(await response.text()).not.toContain('CANARY')
})
