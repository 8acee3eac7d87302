import type { EndSignal } from './light-signal'

/** Time as the relay sees it: monotonic, in milliseconds. A test may give its own. */
export interface Clock {
  now: () => number
  setTimeout: (callback: () => void, ms: number) => unknown
  clearTimeout: (timer: unknown) => void
}

/** `performance.now()` and timers: a jump of the wall clock changes nothing. Timers keep no process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout(callback, ms) {
    const timer: unknown = setTimeout(callback, ms)
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref: () => void }).unref()
    return timer
  },
  clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
}

/** Settles after `ms`, or as soon as the signal aborts. Never rejects. */
export function pause(ms: number, signal: EndSignal, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = clock.setTimeout(settle, ms)
    signal.addEventListener('abort', settle)
    function settle() {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', settle)
      resolve()
    }
  })
}
