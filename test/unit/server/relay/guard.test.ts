import { describe, expect, it } from 'vitest'
import { corsHeaders, guardContentType, guardOrigin } from '../../../../src/runtime/server/relay/guard'
import { testExchange } from './support/exchange'

const own = 'http://app.example'
const listed = 'https://other.example'
const foreign = 'https://evil.example'

function guard(headers: Record<string, string>, trustProxy = 0) {
  return () => guardOrigin(testExchange({ headers }), { origins: new Set([listed]), trustProxy })
}

describe('passes', () => {
  it.each<[string, Record<string, string>]>([
    ['our own page', { 'sec-fetch-site': 'same-origin', 'origin': own, 'cookie': 'a=b' }],
    ['a listed origin', { 'sec-fetch-site': 'cross-site', 'origin': listed, 'cookie': 'a=b' }],
    ['our own page in a browser without fetch metadata', { origin: own, cookie: 'a=b' }],
    ['a program without cookies', {}],
    ['a program with a key', { authorization: 'Bearer x', cookie: 'a=b' }],
    ['our own client', { 'x-requested-with': 'nuxt-llm-stream', 'cookie': 'a=b' }],
  ])('%s', (_, headers) => {
    expect(guard(headers)).not.toThrow()
  })
})

describe('refuses', () => {
  it.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site', 'origin': foreign }],
    ['another site with every mark of a program', { 'sec-fetch-site': 'cross-site', 'authorization': 'x', 'x-requested-with': 'x' }],
    ['a sibling site', { 'sec-fetch-site': 'same-site', 'origin': 'http://b.app.example' }],
    ['a typed address', { 'sec-fetch-site': 'none' }],
    ['a foreign origin', { origin: foreign }],
    ['our host by another scheme', { origin: 'https://app.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['cookies with nothing that tells a page from a program', { cookie: 'a=b' }],
  ])('%s', (_, headers) => {
    expect(guard(headers)).toThrow(expect.objectContaining({ code: 'origin_not_allowed', status: 403 }))
  })
})

it('knows its own origin through as many proxies as are trusted', () => {
  const headers = { 'origin': 'https://public.example', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example' }
  expect(guard(headers, 1)).not.toThrow()
  expect(guard(headers, 0)).toThrow()
})

it.each([
  ['application/json', true], ['application/json; charset=utf-8', true], ['Application/JSON', true],
  ['text/plain', false], ['application/jsonx', false], ['text/plain;application/json', false], [undefined, false], ['', false],
])('takes JSON alone: %s → %s', (type, accepted) => {
  const check = () => guardContentType(testExchange({ headers: { 'content-type': type } as never }))
  if (accepted) expect(check).not.toThrow()
  else expect(check).toThrow(expect.objectContaining({ code: 'unsupported_media_type', status: 415 }))
})

it('gives CORS headers to listed origins alone, by name', () => {
  const headers = (origin: string) => corsHeaders(testExchange({ headers: { origin } }), new Set([listed]))
  expect(headers(foreign)).toEqual({})
  expect(headers(own)).toEqual({})
  expect(headers(listed)).toMatchObject({ 'access-control-allow-origin': listed, 'access-control-allow-credentials': 'true' })
})
