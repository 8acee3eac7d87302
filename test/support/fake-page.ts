import type { Page } from '../../src/runtime/app/run/page'

/** A page whose clock, frames and visibility a test holds. */
export interface FakePage extends Page {
  /** Moves the clock on, and runs what is due on the way. */
  advance: (ms: number) => void
  /** Paints: runs the callbacks that asked for a frame. */
  paint: () => void
  show: (visible: boolean) => void
  /** Timers, frames and listeners that are set now. */
  readonly pending: { timers: number, frames: number, listeners: number }
}

export function createFakePage({ frames = true } = {}): FakePage {
  let time = 0
  let visible = true
  const timers = new Set<{ at: number, callback: () => void }>()
  const waiting = new Set<() => void>()
  const listeners = new Set<() => void>()

  return {
    now: () => time,
    visible: () => visible,
    frame: frames
      ? (callback) => {
          const entry = () => callback()
          waiting.add(entry)
          return () => waiting.delete(entry)
        }
      : undefined,
    after(ms, callback) {
      const timer = { at: time + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    onVisibility(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
    advance(ms) {
      const end = time + ms
      for (;;) {
        const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (!due) break
        timers.delete(due)
        time = due.at
        due.callback()
      }
      time = end
    },
    paint() {
      const due = [...waiting]
      waiting.clear()
      if (visible) for (const callback of due) callback()
    },
    show(value) {
      visible = value
      for (const callback of [...listeners]) callback()
    },
    get pending() { return { timers: timers.size, frames: waiting.size, listeners: listeners.size } },
  }
}
