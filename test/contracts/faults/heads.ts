import { contentType, htmlPage, inTurn, redirect } from '../../../src/runtime/testing'
import type { Script } from '../../../src/runtime/testing'
import { broken, CANARY, frames, hello, sse } from './row'
import type { FaultRow, FaultRows } from './row'

const json = (value: unknown, status = 200) => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
const completion = { id: 'c1', object: 'chat.completion', choices: [{ index: 0, message: { content: `${CANARY} answer` }, finish_reason: 'stop' }] }
const html = '<!doctype html><title>Sign in</title>'

/** An upstream that answers something other than an event stream. */
export const heads: FaultRows = {
  'F9': {
    title: 'an error object with status 200',
    upstream: json({ code: `${CANARY} is down`, error: 'Try again later' }),
    status: 502, error: 'upstream_error', outcome: 'failed',
  },
  'F9.whole': {
    title: 'a whole completion where a stream was asked for',
    upstream: json(completion),
    status: 502, error: 'upstream_bad_content_type', fields: { retryable: false }, outcome: 'failed',
  },
  'F10': {
    title: 'ten megabytes of HTML with status 200',
    upstream: htmlPage({ bytes: 10_000_000 }),
    status: 502, error: 'upstream_bad_content_type', outcome: 'failed', call: 'aborted',
  },
  'F11': { title: 'an event stream without a content type', upstream: broken(contentType(null)), events: 5, outcome: 'complete' },
  'F11.bom': {
    title: 'an event stream without a content type, after a BOM',
    upstream: sse(['\uFEFF', ...frames], contentType(null)),
    events: 5, outcome: 'complete',
  },
  'F11.html': {
    title: 'HTML without a content type',
    upstream: { body: html },
    status: 502, error: 'upstream_bad_content_type', outcome: 'failed',
  },
  'F14.401': {
    title: '401',
    upstream: { status: 401, headers: { 'x-key': `sk-${CANARY}` }, error: { message: `Wrong key sk-${CANARY}` } },
    status: 502, error: 'upstream_auth', fields: { retryable: false }, outcome: 'failed',
  },
  'F14.403': { title: '403', upstream: { status: 403 }, status: 502, error: 'upstream_auth', outcome: 'failed' },
  'F15': {
    title: '400 context_length_exceeded',
    upstream: { status: 400, error: { message: `Too long: ${CANARY}`, code: 'context_length_exceeded' } },
    status: 400, error: 'upstream_rejected', fields: { upstreamCode: 'context_length_exceeded', retryable: false }, outcome: 'failed',
  },
  'F15.unlisted': {
    title: '400 with a code that is not listed',
    upstream: { status: 400, error: { code: `${CANARY}_code` } },
    status: 400, error: 'upstream_rejected', outcome: 'failed',
  },
  'F36.204': { title: '204', upstream: { status: 204, body: '' }, status: 502, error: 'upstream_error', outcome: 'failed' },
  'F36.206': { title: '206', upstream: { ...sse([...frames]), status: 206 }, status: 502, error: 'upstream_error', outcome: 'failed' },
  'F36.304': { title: '304', upstream: { status: 304, body: '' }, status: 502, error: 'upstream_redirect_blocked', outcome: 'failed' },
  ...redirects(301, 302, 303, 307, 308),
}

/** Failures that pass: the relay tries again. */
export const retries: FaultRows = {
  'F13.500': again(500),
  'F13.502': again(502),
  'F13.503': again(503),
  'F13.529': again(529),
  'F20.again': {
    title: 'an error as the first event, then a stream',
    upstream: inTurn(sse(['data: {"error":{"message":"busy","code":"overloaded"}}\n\n']), hello),
    events: 5, outcome: 'complete', calls: 2,
  },
}

/** F12: what an upstream says about waiting, and what comes of it. A wait that fits is waited, one that does not is passed on. */
export const waits: FaultRows = {
  'F12.ms': { title: 'retry-after-ms', upstream: busyOnce({ 'retry-after-ms': '20' }), events: 5, outcome: 'complete', calls: 2 },
  'F12.azure': { title: 'x-ms-retry-after-ms', upstream: busyOnce({ 'x-ms-retry-after-ms': '20' }), events: 5, outcome: 'complete', calls: 2 },
  'F12.zero': { title: 'retry-after: 0', upstream: busyOnce({ 'retry-after': '0' }), events: 5, outcome: 'complete', calls: 2 },
  'F12.negative': { title: 'a negative retry-after', upstream: busyOnce({ 'retry-after': '-5' }), events: 5, outcome: 'complete', calls: 2 },
  'F12.garbage': { title: 'a retry-after that says nothing', upstream: busyOnce({ 'retry-after': 'soon' }), events: 5, outcome: 'complete', calls: 2 },
  'F12.long': busy({ 'retry-after': '45' }, '45'),
  'F12.endless': busy({ 'retry-after': '1000000000' }, '3600'),
  'F12.date': busy({ 'date': 'Fri, 01 May 2026 12:00:00 GMT', 'retry-after': 'Fri, 01 May 2026 12:02:00 GMT' }, '120'),
}

function busyOnce(headers: Record<string, string>) {
  return inTurn({ status: 429, headers } satisfies Script, hello)
}

function busy(headers: Record<string, string>, passedOn: string): FaultRow {
  return {
    title: JSON.stringify(headers),
    upstream: { status: 429, headers },
    status: 429, error: 'upstream_rate_limited', fields: { retryable: true, retryAfterMs: Number(passedOn) * 1000 },
    headers: { 'retry-after': passedOn, 'x-should-retry': 'true' }, outcome: 'failed',
  }
}

function again(status: number): FaultRow {
  return { title: `${status} once, then a stream`, upstream: inTurn({ status, headers: { 'retry-after-ms': '1' } }, hello), events: 5, outcome: 'complete', calls: 2 }
}

function redirects(...statuses: number[]): FaultRows {
  return Object.fromEntries(statuses.map(status => [`F36.${status}`, {
    title: `${status}`, upstream: redirect(`http://127.0.0.1:9/${CANARY}`, status), status: 502, error: 'upstream_redirect_blocked', outcome: 'failed',
  } satisfies FaultRow]))
}
