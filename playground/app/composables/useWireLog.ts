import type { StreamEvent } from 'nuxt-llm-stream/protocol'

export interface WireEntry {
  id: number
  /** Milliseconds since the log was cleared. */
  at: number
  event: StreamEvent
}

/** What has come so far. The list grows in place; a new log object says that it did. */
export interface WireLogState {
  entries: readonly WireEntry[]
  count: number
}

/** Keeps every event with its time, and shows new ones at most once a frame: `onEvent` runs far more often than that. */
export function useWireLog() {
  const log = shallowRef<WireLogState>({ entries: [], count: 0 })
  let all: WireEntry[] = []
  let began = 0
  let frame = 0

  function show() {
    frame = 0
    log.value = { entries: all, count: all.length }
  }

  function clear() {
    all = []
    began = performance.now()
    show()
  }

  function record(event: StreamEvent) {
    all.push({ id: all.length, at: performance.now() - began, event })
    frame ||= requestAnimationFrame(show)
  }

  onScopeDispose(() => cancelAnimationFrame(frame))
  return { log, clear, record }
}
