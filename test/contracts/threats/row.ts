import type { StreamErrorCode } from '../../../src/runtime/shared/errors'

/** One hostile request, and what must come of it (threats.md). */
export interface ThreatRow {
  title: string
  /** @default 'POST' */
  method?: string
  /** Below the relay's route. @default '/chat/completions' */
  path?: string
  /** Over those of an honest client; `undefined` leaves one out. */
  headers?: Record<string, string | undefined>
  /** Laid over a small request, or, as a string, all of the body. */
  body?: Record<string, unknown> | string
  /** @default 200 */
  status?: number
  error?: StreamErrorCode
  /** Headers that the answer must have; `undefined`: must not. */
  answer?: Record<string, string | undefined>
  /** What the upstream sees of the body; without it the upstream must see nothing at all. */
  upstream?: (body: Record<string, unknown>, text: string) => void
}

/** Rows by the numbers of threats.md; a word is added where a number has several. */
export type ThreatRows = Record<`T${number}${'' | `.${string}`}`, ThreatRow>

/** Rows that differ in one thing, counted under one name. */
export function rowsOf<Case>(name: `T${number}.${string}`, cases: readonly Case[], toRow: (given: Case) => ThreatRow): ThreatRows {
  return Object.fromEntries(cases.map((given, index) => [`${name}.${index + 1}`, toRow(given)]))
}
