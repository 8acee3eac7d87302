import { describe, expect, it } from 'vitest'
import { Call } from '../../../../src/runtime/server/relay/call'
import type { DeliveryReport } from '../../../../src/runtime/server/relay/deliver'
import { relayError } from '../../../../src/runtime/server/relay/failures'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import { toRecord } from '../../../../src/runtime/server/relay/record'
import type { ProtocolName } from '../../../../src/runtime/shared/wire'
import { testExchange } from './support/exchange'

const upstream = resolveRelayOptions({ upstreams: { default: { baseURL: 'https://h', models: ['m'] } } }).upstreams.get('default')!

function record(given: Partial<DeliveryReport>, { protocol = 'chat', outputTokens = 4096 }: { protocol?: ProtocolName, outputTokens?: number } = {}) {
  const call = new Call(testExchange(), () => {})
  Object.assign(call.context, { subject: 'ann', upstream: 'default', protocol })
  const target = { upstream, model: 'm', body: new Uint8Array(400), bodyBytes: 400 }
  const report: DeliveryReport = { outcome: 'stopped', status: 200, target, attempts: 1, events: 0, bytes: 0, usage: null, timings: { totalMs: 1 }, ...given }
  return toRecord({ call, authorizeMs: 0, admittedAt: 0, outputTokens, report })
}
const output = (...given: Parameters<typeof record>) => record(...given).usage.outputTokens

describe('an estimate', () => {
  it('counts a token for each event at least', () => {
    expect(output({ events: 100, bytes: 100 * 250 })).toBe(100)
  })

  it('counts bytes where an event carries many tokens, without what is wrapped around them', () => {
    expect(output({ events: 10, bytes: 10 * (300 + 400) })).toBe(1000)
    expect(output({ events: 10, bytes: 10 * (120 + 400) }, { protocol: 'messages' })).toBe(1000)
    expect(output({ events: 10, bytes: 10 * (230 + 400) }, { protocol: 'responses' })).toBe(1000)
  })

  it('is never more than the answer could have', () => {
    expect(output({ events: 100, bytes: 1e6 }, { outputTokens: 50 })).toBe(50)
  })

  it('is never nothing once an upstream was called, and nothing before', () => {
    expect(record({}).usage).toEqual({ inputTokens: 100, outputTokens: 1, totalTokens: 101, estimated: true })
    expect(record({ attempts: 0 }).usage).toEqual({ inputTokens: 0, outputTokens: 0, totalTokens: 0, estimated: true })
  })

  it('gives way to the upstream\'s word', () => {
    const usage = { inputTokens: 9, outputTokens: 2, totalTokens: 11, raw: { secret: true } }
    expect(record({ usage, events: 500 }).usage).toEqual({ inputTokens: 9, outputTokens: 2, totalTokens: 11, estimated: false })
  })

  it('begins at what the upstream had counted when the answer broke off', () => {
    const usage = { inputTokens: 9, outputTokens: 1, totalTokens: 10, cachedInputTokens: 4, raw: {} }
    for (const reason of ['disconnected', 'stop', 'upstream_reset']) {
      expect(record({ usage, reason, events: 500 }).usage).toEqual({ inputTokens: 9, outputTokens: 500, totalTokens: 509, cachedInputTokens: 4, estimated: true })
      expect(record({ usage: { ...usage, outputTokens: 600, totalTokens: 609 }, reason, events: 500 }).usage).toMatchObject({ outputTokens: 600, totalTokens: 609 })
    }
  })

  it('takes the place of an upstream\'s word that says nothing', () => {
    expect(record({ usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0, raw: {} }, events: 5 }).usage).toEqual({ inputTokens: 100, outputTokens: 5, totalTokens: 105, estimated: true })
  })
})

it('says how a run ended that no upstream was called for', () => {
  const early = (reason: unknown, leave = false) => {
    const exchange = testExchange()
    const call = new Call(exchange, () => {})
    if (leave) exchange.leave()
    const { status, outcome, reason: why } = toRecord({ call, authorizeMs: 0, admittedAt: 0, outputTokens: 0, reason })
    return { status, outcome, why }
  }
  expect(early(relayError('body_too_large'))).toEqual({ status: 413, outcome: 'failed', why: 'body_too_large' })
  expect(early('disconnected', true)).toEqual({ status: 499, outcome: 'stopped', why: 'disconnected' })
  expect(early(new TypeError('x'))).toEqual({ status: 500, outcome: 'failed', why: 'internal' })
})
