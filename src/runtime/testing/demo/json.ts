/** JSON of unknown shape, read without complaint: what is not a list has no items, what is not an object has no fields. */
export type JsonRecord = Record<string, unknown>

export function toRecord(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null ? value as JsonRecord : {} // any object has string keys and unknown values
}

export function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
