import type { TransportResponse } from './transport'

/** What a client is told to wait at least and at most. */
const TOLD_MS = { least: 1000, most: 3_600_000 }

/**
 * How long an upstream asks to wait, in milliseconds: `retry-after-ms`, `x-ms-retry-after-ms` (Azure), and `Retry-After` in
 * seconds or as a date, which is read against the answer's own `Date`. Negative or unreadable: as if absent.
 *
 * [spec] https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function readRetryAfter({ 'retry-after-ms': ms, 'x-ms-retry-after-ms': azureMs, 'retry-after': standard, date }: TransportResponse['headers']): number | undefined {
  return readNumber(ms) ?? readNumber(azureMs) ?? readSeconds(standard) ?? readDate(standard, date)
}

/** The same wait as a client is told it: never none, never for ever. */
export function toToldMs(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.min(Math.max(ms, TOLD_MS.least), TOLD_MS.most)
}

function readNumber(value: string | undefined): number | undefined {
  return value !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}

function readSeconds(value: string | undefined): number | undefined {
  const seconds = readNumber(value)
  return seconds === undefined ? undefined : seconds * 1000
}

function readDate(value: string | undefined, answeredAt: string | undefined): number | undefined {
  // `Date.parse` takes `-5` for a month: an HTTP date begins with a weekday.
  if (value === undefined || !/^\s*[a-z]{3}/i.test(value)) return
  const from = answeredAt === undefined ? Number.NaN : Date.parse(answeredAt)
  const ms = Date.parse(value) - (Number.isNaN(from) ? Date.now() : from)
  return ms >= 0 ? ms : undefined
}
