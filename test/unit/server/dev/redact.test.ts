import { expect, it } from 'vitest'
import { createRedactor } from '../../../../src/runtime/server/dev/redact'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'

const redact = createRedactor(resolveRelayOptions({
  upstreams: {
    default: { provider: 'anthropic', apiKey: 'sk-one-CANARY', headers: { 'cookie': 'a=CANARY-cookie', 'x-title': 'My app' } },
    second: { baseURL: 'https://two.example/v1?key=CANARY-query&api-version=2024-10-21', apiKey: 'a"quoted"CANARY' },
    third: { baseURL: 'https://three.example', apiKey: 'short' },
  },
}, { development: true }))

const bytes = (text: string) => new TextDecoder().decode(redact.bytes(new TextEncoder().encode(text)))

it.each([
  ['a key', 'before sk-one-CANARY after sk-one-CANARY', 'before ************* after *************'],
  ['the key of another upstream, as JSON writes it', '{"x":"a\\"quoted\\"CANARY"}', '{"x":"*****************"}'],
  ['a secret of a query', 'key=CANARY-query', 'key=************'],
  ['a cookie', 'Cookie: a=CANARY-cookie', 'Cookie: ***************'],
])('stars out %s', (_, text, shown) => {
  expect(bytes(text)).toBe(shown)
})

it('leaves alone what is no secret, or too short to be one', () => {
  expect(bytes('My app, short, 2023-06-01')).toBe('My app, short, 2023-06-01')
})

it('leaves the given bytes as they are', () => {
  const given = new TextEncoder().encode('sk-one-CANARY')
  redact.bytes(given)
  expect(new TextDecoder().decode(given)).toBe('sk-one-CANARY')
})

it('shows the names of all headers, and the values of the harmless ones', () => {
  expect(redact.headers({ 'x-api-key': 'sk-one-CANARY', 'cookie': 'a=b', 'x-unknown': 'c', 'content-type': 'application/json', 'x-title': 'My app' })).toEqual({
    'x-api-key': '********', 'cookie': '********', 'x-unknown': '********', 'content-type': 'application/json', 'x-title': 'My app',
  })
})

it('shows an address without what its query may hold', () => {
  expect(redact.url(new URL('https://two.example/v1/chat?key=CANARY&api-version=2024-10-21'))).toBe('https://two.example/v1/chat?key=********&api-version=2024-10-21')
})
