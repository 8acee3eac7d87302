/** One SSE message: what the fields of an event amount to when its blank line arrives. */
export interface SseMessage {
  /** The `event:` name, where there was one. */
  event?: string
  /** All `data:` lines, joined by LF. */
  data: string
  /** The last `id:` field. */
  id?: string
}
