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
  // [wire] xAI puts a sentence where others have a code.
  const words = [report.code, report.type, report.status].map(textOf).filter(word => /^[\w.-]+$/.test(word))
  const code = codeOf(words.join(' '))
  return new StreamError({
    code,
    message: textOf(report.message) || textOf(report.detail) || 'The upstream reported an error and said nothing about it.',
    status: code === 'upstream_rate_limited' ? 429 : code === 'upstream_unavailable' ? 503 : 502,
    retryable: code !== 'upstream_quota' && !words.some(isRejection),
    upstreamCode: words[0],
  })
}

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

function codeOf(words: string): StreamErrorCode {
  if (/quota|billing|credit/.test(words)) return 'upstream_quota'
  if (/\b429\b|rate_?limit|too_many|RESOURCE_EXHAUSTED/.test(words)) return 'upstream_rate_limited'
  if (/\b(?:498|503|529)\b|overload|unavailable|capacity/i.test(words)) return 'upstream_unavailable'
  return 'upstream_error'
}

/** Whether the request itself is to blame, so that it would fail again. */
function isRejection(word: string): boolean {
  return /^4\d\d$/.test(word) ? !['408', '429', '498'].includes(word) : /^invalid_|context_length/i.test(word)
}
