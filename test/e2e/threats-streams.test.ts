import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { stallAfter } from '../../src/runtime/testing'
import { post, readAnswer } from '../support/ask-relay'
import { sendRaw } from '../support/raw-request'
import { startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

const UNKNOWN = 'A'.repeat(22)

let relay: RelayUnderTest
let streams: string
beforeAll(async () => {
  relay = await startBuilt({ resume: true, limits: { rate: 100_000, ipRate: 100_000, concurrency: 100 } })
  relay.upstream.respond = () => ({ text: 'Hello there', usage: false })
  streams = `${relay.url}/streams`
})
afterEach(() => relay.upstream.clear())
afterAll(() => relay.close())

/** Starts a resumable run of a user, reads it to its end, and gives its id. */
async function run(user: string, headers: Record<string, string> = {}): Promise<{ id: string, text: string }> {
  const response = await post(relay.url, { headers: { 'x-test-user': user, 'x-stream-resumable': '1', ...headers } })
  return { id: response.headers.get('x-stream-id')!, text: (await readAnswer(response)).text }
}

const reach = (id: string, method: string, headers: Record<string, string>) => fetch(`${streams}/${id}`, { method, headers })

describe('T21: somebody else\'s run', () => {
  it.each(['GET', 'DELETE'])('looks to %s as if it were not there', async (method) => {
    const { id } = await run('alice')
    const seen = async (asked: string) => {
      const response = await reach(asked, method, { 'x-test-user': 'bob' })
      const { error } = await response.json()
      const headers = Object.fromEntries([...response.headers].filter(([name]) => !['x-request-id', 'date', 'server-timing'].includes(name)))
      return { status: response.status, headers, error: { ...error, requestId: '' } }
    }
    expect(await seen(id)).toEqual(await seen(UNKNOWN))
    expect((await seen(id)).status).toBe(404)
  })

  it.each(['GET', 'DELETE'])('is not even looked for by %s of somebody unknown', async (method) => {
    const { id } = await run('alice')
    expect((await reach(id, method, { 'x-test-authorize': 'null' })).status).toBe(401)
  })

  it('goes on when somebody else wants it stopped', async () => {
    relay.upstream.respond = () => ({ text: 'Hello there', fault: stallAfter(2) })
    const response = await post(relay.url, { headers: { 'x-test-user': 'alice', 'x-stream-resumable': '1' } })
    const id = response.headers.get('x-stream-id')!
    await reach(id, 'DELETE', { 'x-test-user': 'bob' })
    expect(relay.upstream.calls[0]!.state).toBe('open')
    expect((await reach(id, 'DELETE', { 'x-test-user': 'alice' })).status).toBe(202)
    expect(await relay.upstream.calls[0]!.ended).toBe('aborted')
    expect((await readAnswer(response)).error?.code).toBe('stopped')
    relay.upstream.respond = () => ({ text: 'Hello there', usage: false })
  })

  it('has an id that no client chooses', async () => {
    const { id } = await run('alice', { 'x-stream-id': UNKNOWN })
    expect(id).toMatch(/^[\w-]{22}$/)
    expect(id).not.toBe(UNKNOWN)
    expect((await run('alice')).id).not.toBe(id)
  })

  it.each([UNKNOWN.slice(1), `${UNKNOWN}A`, '..%2f..%2fv1', '%00', '*', '__proto__'])('is not found by the id %s', async (id) => {
    const { origin, pathname } = new URL(streams)
    expect((await sendRaw(origin, { method: 'GET', path: `${pathname}/${id}` })).status).toBe(404)
  })
})

describe('a run that is asked for again', () => {
  it('T20: has frames numbered by us', async () => {
    const { id, text } = await run('alice')
    const again = await (await reach(id, 'GET', { 'x-test-user': 'alice' })).text()
    expect(again).toBe(text)
    expect(again.match(/^id: .*$/gm)).toHaveLength(5)
    for (const line of again.match(/^id: .*$/gm)!) expect(line).toMatch(/^id: \d{1,15}$/)
  })

  it('T22: is kept by no cache', async () => {
    const { id } = await run('alice')
    const { headers } = await reach(id, 'GET', { 'x-test-user': 'alice' })
    expect(headers.get('cache-control')).toContain('no-store')
    expect(headers.get('vary')).toMatch(/Cookie.*Authorization/)
  })

  it.each(['GET', 'DELETE'])('T9: is out of reach of a foreign page by %s', async (method) => {
    const { id } = await run('alice')
    expect((await reach(id, method, { 'x-test-user': 'alice', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await reach(id, method, { 'x-test-user': 'alice', 'cookie': 'session=1' })).status).toBe(403)
  })

  it.each(['-1', 'abc', '1.5', '5-0', '9007199254740992'])('is not given from the cursor %s', async (cursor) => {
    const { id } = await run('alice')
    expect((await reach(id, 'GET', { 'x-test-user': 'alice', 'last-event-id': cursor })).status).toBe(400)
  })
})

describe('T6: another method', () => {
  it.each(['POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'])('%s is not allowed', async (method) => {
    const response = await reach(UNKNOWN, method, { 'content-type': 'application/json' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
    expect(relay.upstream.calls).toHaveLength(0)
  })
})
