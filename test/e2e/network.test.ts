import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFakeUpstream } from '../../src/runtime/testing'
import type { Listening } from '../../src/runtime/testing'
import { ask } from '../support/ask-relay'
import { startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

const tls = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url))
const key = readFileSync(tls('key'), 'utf8')

const upstream = createFakeUpstream()
let plain: Listening
let relay: RelayUnderTest

/** The upstreams of one server, each with its own way to be unreachable. */
const names = {
  'TLS': 'spare-0', 'expired': 'spare-1', 'wrong name': 'spare-2', 'plain HTTP': 'spare-3', 'closed port': 'spare-4', 'localhost': 'spare-5',
} as const

beforeAll(async () => {
  plain = await upstream.listen()
  const secure = await Promise.all(['good', 'expired', 'wrong-name'].map(name => upstream.listen({ tls: { key, cert: readFileSync(tls(name), 'utf8') } })))
  const urls = [...secure.map(({ url }) => url), `https://127.0.0.1:${plain.port}`, `http://127.0.0.1:${await closedPort()}`, `http://localhost:${plain.port}`]
  relay = await startBuilt({
    limits: { rate: 100_000, ipRate: 100_000 },
    upstreams: Object.fromEntries(urls.map((url, index) => [`spare-${index}`, { baseURL: `${url}/v1`, apiKey: 'sk-test', retries: 0 }])),
  }, { NODE_EXTRA_CA_CERTS: tls('ca') })
})
afterAll(() => Promise.all([relay.close(), upstream.close()]))

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

describe('F31: TLS', () => {
  it('is spoken where it is good', async () => {
    const answer = await ask(`${relay.url}/${names.TLS}`)
    expect([answer.status, answer.messages.at(-1)?.data]).toEqual([200, '[DONE]'])
  })

  it.each(['expired', 'wrong name', 'plain HTTP'] as const)('fails with %s, before any byte of the request', async (name) => {
    upstream.clear()
    const answer = await ask(`${relay.url}/${names[name]}`)
    expect([answer.status, answer.error]).toMatchObject([502, { code: 'upstream_tls', retryable: false }])
    expect(upstream.calls).toHaveLength(0)
  })
})

describe('F32: a connection', () => {
  it('that is refused is unreachable', async () => {
    const answer = await ask(`${relay.url}/${names['closed port']}`)
    expect([answer.status, answer.error]).toMatchObject([502, { code: 'upstream_unreachable', retryable: true }])
  })

  it('is made over the family that lives', async () => {
    expect((await ask(`${relay.url}/${names.localhost}`)).status).toBe(200)
  })
})

describe('T8: an internal address', () => {
  let guarded: RelayUnderTest
  const addresses = (port: number) => [
    `http://127.0.0.1:${port}`, `http://localhost:${port}`, `http://0x7f.1:${port}`, `http://2130706433:${port}`, `http://0.0.0.0:${port}`,
    `http://[::1]:${port}`, `http://[::ffff:127.0.0.1]:${port}`, 'http://169.254.169.254', 'http://100.64.0.1', 'http://10.0.0.1',
  ]

  beforeAll(async () => {
    guarded = await startBuilt({
      limits: { rate: 100_000, ipRate: 100_000 },
      upstreams: Object.fromEntries(addresses(plain.port).map((baseURL, index) => [`spare-${index}`, { baseURL, apiKey: 'sk-test', retries: 0, allowPrivate: false }])),
    })
  })
  afterAll(() => guarded.close())

  it.each(addresses(0).map((address, index) => [address.replace(':0', ''), index]))('%s is not connected to', async (_, index) => {
    const before = plain.connections
    const answer = await ask(`${guarded.url}/spare-${index}`)
    expect([answer.status, answer.error]).toMatchObject([502, { code: 'upstream_address_blocked', retryable: false }])
    expect(plain.connections).toBe(before)
  })
})
