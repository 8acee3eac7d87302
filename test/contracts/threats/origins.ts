import { expect } from 'vitest'
import { rowsOf } from './row'
import type { ThreatRow, ThreatRows } from './row'

const hostile = 'https://evil.example'
const refused = { status: 403, error: 'origin_not_allowed' } as const satisfies Partial<ThreatRow>
const passes = { upstream: () => {} } satisfies Partial<ThreatRow>

/** T9 and T10: a page of another origin that rides on its victim's cookie. */
export const origins: ThreatRows = {
  ...rowsOf('T9.type', ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined], type => ({
    title: `JSON as ${type}`, headers: { 'content-type': type }, status: 415, error: 'unsupported_media_type',
  })),
  'T9.cross-site': { title: 'Sec-Fetch-Site: cross-site', headers: { 'sec-fetch-site': 'cross-site', 'cookie': 'a=b' }, ...refused },
  'T9.same-site': { title: 'Sec-Fetch-Site: same-site', headers: { 'sec-fetch-site': 'same-site' }, ...refused },
  'T9.none': { title: 'Sec-Fetch-Site: none', headers: { 'sec-fetch-site': 'none' }, ...refused },
  'T9.origin': { title: 'a foreign origin', headers: { origin: hostile }, ...refused },
  'T9.null': { title: 'an opaque origin', headers: { origin: 'null' }, ...refused },
  'T9.header': { title: 'a foreign origin with our header', headers: { 'origin': hostile, 'x-requested-with': 'nuxt-llm-stream' }, ...refused },
  'T9.cookie': { title: 'a cookie and nothing else', headers: { cookie: 'session=1' }, ...refused },
  'T9.own': { title: 'our own page', headers: { 'sec-fetch-site': 'same-origin', 'origin': hostile, 'cookie': 'session=1' }, ...passes },
  'T9.server': { title: 'a server without a cookie', ...passes },
  'T9.bearer': { title: 'a cookie with Authorization', headers: { cookie: 'session=1', authorization: 'Bearer x' }, ...passes },
  'T9.ours': { title: 'a cookie with our header', headers: { 'cookie': 'session=1', 'x-requested-with': 'nuxt-llm-stream' }, ...passes },
  'T10': {
    title: 'a preflight',
    method: 'OPTIONS',
    headers: { 'origin': hostile, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    status: 405,
    answer: { 'access-control-allow-origin': undefined, 'access-control-allow-methods': undefined, 'access-control-allow-headers': undefined },
  },
}

export const listed = 'https://app.example'
const echoed = { 'access-control-allow-origin': listed, 'access-control-allow-credentials': 'true', 'vary': expect.stringContaining('Origin') }

/** T10 with `origins: [listed]`. */
export const listedOrigins: ThreatRows = {
  'T10.preflight': {
    title: 'a preflight of a listed origin',
    method: 'OPTIONS',
    headers: { 'origin': listed, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    status: 204,
    answer: echoed,
  },
  'T10.listed': { title: 'a listed origin', headers: { 'origin': listed, 'sec-fetch-site': 'cross-site', 'cookie': 'a=b' }, answer: echoed, ...passes },
  'T10.other': { title: 'an origin that is not listed', headers: { origin: hostile }, ...refused, answer: { 'access-control-allow-origin': undefined } },
  'T10.suffix': { title: 'an origin that looks like a listed one', headers: { origin: `${listed}.evil.example` }, ...refused },
  'T10.scheme': { title: 'a listed host without TLS', headers: { origin: 'http://app.example' }, ...refused },
}
