import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import type { RunRecord } from '../../../../src/runtime/server/relay/record'
import { createRelayCore } from '../../../../src/runtime/server/relay/relay'
import type { Dice } from '../../../support/dice'
import { createDice } from '../../../support/dice'
import type { StrangeClient } from './support/strange-client'
import { createStrangeClient } from './support/strange-client'
import { createStrangeUpstream, MARK } from './support/strange-upstream'

/** Clients at work at the same time, and runs that each asks for. */
const CLIENTS = 8
const RUNS = 20

/** The real one: keyed hashes are made beside the event loop, in a time that is no test's. */
const turn = (setImmediate => () => new Promise(resolve => setImmediate(resolve)))(setImmediate)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it.each([1, 2, 3, 4, 5])('whatever happens in whatever order, a run ends once and leaves nothing behind (%i)', async (seed) => {
  const dice = createDice(seed)
  const upstream = createStrangeUpstream(dice)
  const { relay, records } = createStrangeRelay(dice, upstream.transport)
  const clients: { mark: string, client: StrangeClient }[] = []

  const send = async (mark: string, client: StrangeClient) => {
    clients.push({ mark, client })
    if (dice.chance(0.4)) setTimeout(client.leave, dice.below(150))
    await relay.handle(client.exchange)
    expect(client.over, 'a request is answered, or its client gone').toBe(true)
  }
  const watch = (mark: string, id: string, method: string) =>
    send(mark, createStrangeClient(dice, { method, url: `/api/llm/streams/${id}`, headers: { 'last-event-id': String(dice.below(8)) } }))
  const run = async (mark: string) => {
    const client = createStrangeClient(dice, {
      body: dice.chance(0.02) ? '{' : JSON.stringify({ messages: [{ role: 'user', content: mark }], stream: dice.chance(0.9) }),
      headers: dice.chance(0.6) ? { 'x-stream-resumable': '1' } : {},
    })
    const running = send(mark, client)
    await dice.soon()
    const id = client.headers['x-stream-id']
    const visits = id === undefined ? [] : Array.from({ length: dice.below(4) }, () => watch(mark, id, dice.chance(0.8) ? 'GET' : 'DELETE'))
    await Promise.all([running, ...visits])
  }

  await untilOver(Promise.all(Array.from({ length: CLIENTS }, async (_, lane) => {
    for (let index = 0; index < RUNS; index++) await run(`mark-${(lane + 1) * 1000 + index}`)
  })))

  expect(upstream.open()).toBe(0)
  expect(records.length).toBeGreaterThan(CLIENTS * RUNS / 2)
  expect(new Set(records.map(({ requestId }) => requestId)).size).toBe(records.length)
  for (const { attempts, usage: { totalTokens } } of records) expect(totalTokens > 0 && Number.isSafeInteger(totalTokens)).toBe(attempts > 0)
  for (const { mark, client } of clients) {
    const received = client.received()
    expect(received, 'every slot was given back').not.toContain('too_many_runs')
    for (const [found] of received.matchAll(new RegExp(MARK, 'g'))) expect(found, 'each gets only what is its own').toBe(mark)
  }
  await vi.advanceTimersByTimeAsync(15_000) // hooks that nobody waits for any more
  await relay.close(0)
  expect(vi.getTimerCount()).toBe(0)
})

/** A relay with every deadline short and little memory, in an app whose hooks are no better than its upstream. */
function createStrangeRelay(dice: Dice, transport: ReturnType<typeof createStrangeUpstream>['transport']) {
  const records: RunRecord[] = []
  const endpoint = { baseURL: 'https://upstream.example', models: ['m'], retries: 1 }
  const relay = createRelayCore({
    transport,
    options: resolveRelayOptions({
      upstreams: { default: { ...endpoint, fallback: 'second' }, second: endpoint },
      resume: { orphanGrace: 40, ttlAfterEnd: 5_000, memoryBytes: 400_000, logBytes: 60_000, perOwner: 100 },
      timeouts: { body: 20, firstByte: 40, byteIdle: 60, eventIdle: 90, total: 400, slowClient: 50 },
      limits: { rate: false, ipRate: false, concurrency: CLIENTS, tokens: 1e9 },
      heartbeat: 25,
    }),
    logger: { warn: () => {}, error: () => {} },
    rules: {
      authorize: () => strangely(dice, () => ({ subject: 'ann' })),
      prepare: body => strangely(dice, () => body),
      onFinish(record) {
        records.push(record)
        return strangely(dice, () => {})
      },
      onError: () => strangely(dice, () => {}),
      tracer: { startSpan: () => dice.chance(0.1) ? fail() : { setAttributes() {}, addEvent() {}, setStatus: fail, end: fail } },
    },
  })
  return { relay, records }
}

/** What a hook gives, at once or later; some throw, now or after everybody has stopped waiting, and some never come back. */
function strangely<T>(dice: Dice, give: () => T): T | Promise<T> {
  if (dice.chance(0.04)) return fail()
  if (dice.chance(0.04)) return new Promise(() => {})
  if (dice.chance(0.04)) return new Promise((_, reject) => setTimeout(reject, dice.below(12_000), new Error('late')))
  return dice.chance(0.5) ? give() : dice.soon().then(give)
}

function fail(): never {
  throw new Error('a hook that throws')
}

/** Lets time pass until the work is done, which it is before long. */
async function untilOver(work: Promise<unknown>): Promise<void> {
  let over = false
  void work.finally(() => { over = true })
  for (let round = 0; round < 100_000 && !over; round++) {
    await vi.advanceTimersByTimeAsync(5)
    await turn()
  }
  expect(over, 'every request comes to an end').toBe(true)
  await work
}
