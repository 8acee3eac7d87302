import { describe, expect, it, vi } from 'vitest'
import { sparing } from '../../../../src/runtime/server/relay/logger'
import { resetAfter, silence } from '../../../../src/runtime/testing/faults'
import { hello, startWholeRelay } from './support/relay'

describe('a run that fails at its upstream', () => {
  it.each([
    ['by its status', () => ({ status: 401, error: { message: 'CANARY', code: 'CANARY' } }), 'upstream_auth', ': status 401', 10_000],
    ['in mid-stream', () => ({ text: ['CANARY', 'CANARY'], fault: resetAfter(2) }), 'upstream_reset', ': ECONNRESET', 10_000],
    ['by an error event', () => ({ text: 'CANARY', error: { message: 'CANARY' } }), 'upstream_error', '', 10_000],
    ['by its silence', () => silence(), 'total_timeout', '', 100],
  ] as const)('%s is one line of the log, with its request and no content', async (_, respond, code, reason, total) => {
    const { post, lines } = await startWholeRelay({ respond, timeouts: { total } })
    const response = await post('chat/completions', { messages: [{ role: 'user', content: 'CANARY' }], stream: true })
    await response.text()
    await vi.waitFor(() => expect(lines).toEqual([`${code} of the upstream "default", request ${response.headers.get('x-request-id')}${reason}`]))
  })

  it('is named with the fallback that failed last', async () => {
    const { post, lines } = await startWholeRelay({ respond: () => ({ status: 500 }), upstreams: { default: { fallback: 'backup' }, backup: {} } })
    await post('chat/completions', hello)
    await vi.waitFor(() => expect(lines).toEqual([expect.stringMatching(/^upstream_error of the upstream "backup", request .{22}: status 500$/)]))
  })

  it('says nothing of a request that the upstream finds wrong, nor of one that the relay refused', async () => {
    const { post, lines } = await startWholeRelay({ respond: () => ({ status: 400 }), limits: { rate: 2 } })
    await post('chat/completions', hello)
    await post('chat/completions', { model: 'none' })
    expect((await post('chat/completions', hello)).status).toBe(429)
    expect(lines).toEqual([])
  })

  it('is lost in no flood of its kind', async () => {
    const respond = () => ({ status: 503 })
    const { post, lines, errors } = await startWholeRelay({ respond, limits: { rate: false, ipRate: false, concurrency: false } })
    for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 10 }, () => post('chat/completions', hello)))
    await vi.waitFor(() => expect(errors).toHaveLength(200))
    expect(lines).toHaveLength(10)
  })
})

it('says how much it left out of what kept failing', () => {
  vi.useFakeTimers()
  try {
    const lines: string[] = []
    const complain = sparing({ warn: () => {}, error: line => lines.push(line) })
    for (let count = 0; count < 10_000; count++) complain('down', 'it is down')
    complain('other', 'another thing')
    expect(lines).toEqual([...Array(10).fill('it is down'), 'another thing'])
    vi.advanceTimersByTime(60_000)
    complain('down', 'it is down')
    complain('other', 'another thing')
    expect(lines.slice(11)).toEqual(['it is down (and 9990 more like it before)', 'another thing'])
  }
  finally {
    vi.useRealTimers()
  }
})
