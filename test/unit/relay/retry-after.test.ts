import { expect, it } from 'vitest'
import { readRetryAfter, toToldMs } from '../../../src/runtime/server/relay/retry-after'

const date = 'Sun, 06 Nov 1994 08:49:37 GMT'

it.each<[headers: Record<string, string>, ms: number | undefined]>([
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after-ms': '250', 'retry-after': '2' }, 250],
  [{ 'x-ms-retry-after-ms': '250', 'retry-after': '2' }, 250],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2000],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:47 GMT', date }, 10_000],
  [{ 'retry-after': date, date }, 0],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:27 GMT', date }, undefined],
  [{ 'retry-after': 'Sun, 06 Nov 1994 08:49:27 GMT' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '2 seconds' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{}, undefined],
])('reads %j as %j', (headers, ms) => {
  expect(readRetryAfter(headers)).toBe(ms)
})

it('reads a date without a clock of the answer against its own', () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString()
  const ms = readRetryAfter({ 'retry-after': inAnHour })!
  expect(ms).toBeGreaterThan(3_590_000)
  expect(ms).toBeLessThanOrEqual(3_600_000)
})

it('tells a client to wait between a second and an hour', () => {
  expect([undefined, 0, 250, 5000, 1e12].map(toToldMs)).toEqual([undefined, 1000, 1000, 5000, 3_600_000])
})
