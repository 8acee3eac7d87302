import { expect, it } from 'vitest'
import { isOwnPage } from '../../../../src/runtime/server/dev/own-page'

const ask = (headers: Record<string, string>) => isOwnPage(name => headers[name])

it.each<Record<string, string>>([
  { host: 'localhost:3000' },
  { 'host': 'localhost:3000', 'sec-fetch-site': 'same-origin' },
  { 'host': '127.0.0.1:3000', 'sec-fetch-site': 'none' },
  { 'host': '[::1]:3000', 'sec-fetch-site': 'same-origin' },
  { 'host': 'my-app.localhost', 'sec-fetch-site': 'same-origin' },
])('answers %j', (headers) => {
  expect(ask(headers)).toBe(true)
})

it.each<[string, Record<string, string>]>([
  ['a page of another origin', { 'host': 'localhost:3000', 'sec-fetch-site': 'cross-site' }],
  ['a page on another port', { 'host': 'localhost:3000', 'sec-fetch-site': 'same-site' }],
  ['a name that was rebound to this machine', { 'host': 'evil.example', 'sec-fetch-site': 'same-origin' }],
  ['a name that only begins like it', { host: 'localhost.evil.example' }],
  ['an address of the network', { host: '192.168.1.7:3000' }],
  ['nothing', {}],
])('does not answer %s', (_, headers) => {
  expect(ask(headers)).toBe(false)
})
