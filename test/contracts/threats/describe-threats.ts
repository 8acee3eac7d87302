import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RelaySetup, RelayUnderTest } from '../../support/relay-under-test'
import { sendRaw } from '../../support/raw-request'
import type { ThreatRow, ThreatRows } from './row'

/** Sends hostile requests to one relay: what they are answered, and that the upstream saw nothing, or what it saw. */
export function describeThreats(title: string, start: (setup: RelaySetup) => Promise<RelayUnderTest>, setup: RelaySetup, rows: ThreatRows): void {
  describe(title, () => {
    let relay: RelayUnderTest
    beforeAll(async () => {
      relay = await start({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 100 }, ...setup })
    })
    afterAll(() => relay.close())

    it.each(Object.entries(rows).map(([number, row]) => ({ number, ...row })))('$number: $title', row => send(relay, row))
  })
}

async function send({ url, upstream }: RelayUnderTest, row: ThreatRow): Promise<void> {
  const { method = 'POST', path = '/chat/completions', status = 200, error, answer: headers = {} } = row
  upstream.clear()
  upstream.respond = () => 'Hello'
  const { origin, pathname } = new URL(url)
  const honest: ThreatRow['headers'] = method === 'POST' ? { 'content-type': 'application/json' } : {}
  const given = { ...honest, ...row.headers }
  const answer = await sendRaw(origin, {
    method,
    path: pathname + path,
    headers: Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)),
    body: method === 'POST' ? toBody(path, row.body) : undefined,
  })

  expect(answer.status).toBe(status)
  if (error) expect(JSON.parse(answer.text).error).toMatchObject({ code: error, status })
  for (const [name, value] of Object.entries(headers)) expect(answer.headers[name], name).toEqual(value)
  expect(upstream.calls).toHaveLength(row.upstream ? 1 : 0)
  const [call] = upstream.calls
  if (!call) return
  row.upstream!(call.body as Record<string, unknown>, call.text)
  expect(call.path).toMatch(/^\/v1\/(?:chat\/completions|responses|messages)$/)
  expect(Object.keys(call.headers).filter(name => !expectedHeaders.has(name))).toEqual([])
}

/** All that an upstream gets; nothing of the client's is among it. */
const expectedHeaders = new Set([
  'host', 'connection', 'content-type', 'content-length', 'accept', 'accept-encoding', 'authorization', 'user-agent',
])

function toBody(path: string, body: ThreatRow['body'] = {}): string {
  if (typeof body === 'string') return body
  const prompt = path.startsWith('/responses') ? { input: 'Hi' } : { messages: [{ role: 'user', content: 'Hi' }] }
  return JSON.stringify({ stream: true, ...prompt, ...body })
}
