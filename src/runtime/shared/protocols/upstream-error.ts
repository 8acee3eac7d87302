import { StreamError } from '../errors'
import type { StreamErrorCode } from '../errors'
import { textOf } from './json'

/** Whether a message reports a failure, in any of the shapes of wire.md §5. */
export function holdsError(message: Record<string, unknown>): boolean {
  const { error } = message
  // [wire] Servers written in Go send `error: ""` when there is none.
  if (error !== undefined && error !== null && error !== '' && error !== false) return true
  return message.type === 'error' || message.object === 'error'
}

/** The failure that an upstream reports inside a stream, or instead of one: an object in any shape, or a text. */
export function toUpstreamError(reported: unknown): StreamError {
  const report = innermost(reported)
  const word = textOf(report.code) || textOf(report.type) || textOf(report.status)
  const code = codeOf(word, textOf(report.type))
  return new StreamError({
    code,
    message: textOf(report.message) || textOf(report.detail) || 'The upstream reported an error and said nothing about it.',
    status: STATUS[code] ?? 502,
    retryable: code !== 'upstream_quota',
    upstreamCode: word || undefined,
  })
}

const STATUS: Partial<Record<StreamErrorCode, number>> = { upstream_rate_limited: 429, upstream_unavailable: 503 }

/** The object that has the message: `{ error: { error: … } }` and `{ response: { error: … } }` are unwrapped, texts wrapped. */
function innermost(value: unknown, depth = 0): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return { message: value }
  const report = value as Record<string, unknown>
  const inner = report.error ?? (report.response as Record<string, unknown> | null | undefined)?.error
  if (inner === undefined || inner === null || inner === '' || depth > 3) return report
  // [wire] xAI: `{ "code": "…", "error": "…" }`.
  if (typeof inner !== 'object') return { ...report, message: report.message ?? inner }
  return innermost(inner, depth + 1)
}

function codeOf(word: string, type: string): StreamErrorCode {
  if (/quota|billing/.test(word)) return 'upstream_quota'
  if (word === '429' || /rate_?limit/.test(word) || /rate_?limit/.test(type)) return 'upstream_rate_limited'
  if (/^(?:498|503|529)$|overloaded|unavailable|capacity/.test(word) || /overloaded/.test(type)) return 'upstream_unavailable'
  return 'upstream_error'
}
