import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask } from '../../support/ask-relay'
import { recordsOf } from '../../support/relay-under-test'
import type { RelaySetup, RelayUnderTest } from '../../support/relay-under-test'
import { CANARY, hello } from './row'
import type { FaultRow, FaultRows } from './row'

const key = `sk-${CANARY}-key`

/** Prompt, key and answer are marked in every row; the marks must come out nowhere but in the answer. */
export const markedSetup: RelaySetup = {
  limits: { rate: 100_000, ipRate: 100_000, concurrency: 1 },
  upstream: { apiKey: key },
}

/** Runs rows of the fault table against one relay: what the client gets, what the upstream sees, what is recorded, what is left. */
export function describeFaults(title: string, start: (setup: RelaySetup) => Promise<RelayUnderTest>, setup: RelaySetup, rows: FaultRows): void {
  describe(title, () => {
    let relay: RelayUnderTest
    beforeAll(async () => {
      relay = await start({ ...markedSetup, ...setup, limits: { ...markedSetup.limits, ...setup.limits }, upstream: { ...markedSetup.upstream, ...setup.upstream } })
    })
    afterAll(async () => {
      const log = await relay.log()
      expect(log.spans).not.toHaveLength(0)
      expect(JSON.stringify(log)).not.toContain(CANARY)
      await relay.close()
      expect(relay.output()).not.toContain(CANARY)
      expect(relay.output()).not.toMatch(/unhandled|uncaught/i)
    })

    it.each(Object.entries(rows))('%s', async (number, row) => {
      await play(relay, number, row)
    })
  })
}

async function play(relay: RelayUnderTest, number: string, row: FaultRow): Promise<void> {
  const { upstream } = relay
  const { status = 200, events = 0, error, fields = {}, calls = 1, call = 'sent' } = row
  upstream.clear()
  upstream.respond = typeof row.upstream === 'function' ? row.upstream : () => row.upstream as Exclude<typeof row.upstream, () => unknown>
  const request = { ...row.ask, fetch: relay.fetch, headers: { 'x-test-user': number } }
  const answer = await ask(relay.url, { ...request, body: { user: CANARY, ...row.ask?.body } })

  expect(answer.error?.code).toBe(error)
  expect(answer.status).toBe(status)
  if (error) expect(answer.error).toMatchObject(fields)
  expect(answer.whole).toBe(true)
  if (events === 'some') expect(answer.messages.length).toBeGreaterThan(0)
  else expect(answer.messages).toHaveLength(status === 200 ? events : 0)
  if (row.headers) expect(Object.fromEntries(answer.headers)).toMatchObject(row.headers)
  expect(JSON.stringify(answer.error) ?? '').not.toContain(CANARY)
  expect(JSON.stringify([...answer.headers])).not.toContain(CANARY)
  expect(answer.text).not.toContain(key)

  expect(upstream.calls).toHaveLength(calls)
  const last = upstream.calls.at(-1)!
  expect(await last.ended).toBe(call)
  if (row.sentBytes) expect(last.sentBytes).toBeLessThan(row.sentBytes)
  expect(new Set(upstream.calls.map(({ text }) => text)).size).toBe(1)

  const records = await recordsOf(relay, number)
  expect(records).toHaveLength(1)
  expect(records[0]).toMatchObject({ outcome: row.outcome, status, attempts: row.attempts ?? calls, ...(error && { reason: error }) })
  if (calls > 0) expect(records[0]!.usage.totalTokens).toBeGreaterThan(0)

  // One run at a time is allowed: another one shows that the first has left nothing behind.
  upstream.respond = () => hello
  const next = await ask(relay.url, request)
  expect(next.status).toBe(200)
}
