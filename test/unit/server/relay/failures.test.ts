import { expect, it } from 'vitest'
import { relayError } from '../../../../src/runtime/server/relay/failures'

it('gives a code its status, its message and whether to try again', () => {
  expect(relayError('rate_limited', { retryAfterMs: 2_000 }).toJSON()).toMatchObject({
    code: 'rate_limited', status: 429, retryable: true, retryAfterMs: 2_000, type: 'rate_limit_error',
  })
  expect(relayError('budget_exceeded').retryable).toBe(false)
})

it('lets one code stand for two statuses', () => {
  expect(relayError('upstream_rejected', { status: 502 }).toJSON()).toMatchObject({ code: 'upstream_rejected', status: 502, type: 'server_error' })
})
