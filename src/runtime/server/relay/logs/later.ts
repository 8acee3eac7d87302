/** A timer that keeps no process alive. Waits longer than a timer can are cut short: whoever needs them looks at the clock. */
export function later(run: () => void, ms: number): Timer {
  const timer: Timer & { unref?: () => void } = setTimeout(run, Math.max(0, Math.min(ms, LONGEST)))
  timer.unref?.() // Node's; elsewhere a timer is a number and keeps nothing alive
  return timer
}

export type Timer = ReturnType<typeof setTimeout>

/** A longer delay would overflow and fire at once. */
const LONGEST = 2 ** 31 - 1

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
