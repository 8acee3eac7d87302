import type { Complain } from './logger'
import { describeError } from './logger'
import type { EndSignal } from './light-signal'

/** Milliseconds that `authorize` and `prepare` may take. */
export const HOOK_DEADLINE = 10_000

export interface InTime {
  /** What the deadline is answered with. */
  late: () => unknown
  /** Aborts when waiting has lost its point; its reason is thrown. */
  signal: EndSignal
  /** Something else that is being waited for, if anything: time does not count until it settles. */
  except?: () => Promise<unknown> | undefined
}

/**
 * Waits for an app's hook for at most {@link HOOK_DEADLINE}. A hook cannot be stopped: one that is late runs on, and what comes
 * of it is dropped.
 */
export function inTime<T>(work: Promise<T>, { late, signal, except }: InTime): Promise<T> {
  return new Promise((resolve, reject) => {
    let settled = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const onAbort = () => settle(() => reject(signal.reason))
    signal.addEventListener('abort', onAbort)
    work.then(value => settle(() => resolve(value)), error => settle(() => reject(error)))
    if (signal.aborted) onAbort()
    else start()

    function start(): void {
      if (!settled) timer = setTimeout(expire, HOOK_DEADLINE)
    }
    function expire(): void {
      const excuse = except?.()
      if (excuse) excuse.then(start, start)
      else settle(() => reject(late()))
    }
    function settle(finish: () => void): void {
      settled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
  })
}

/** Calls a hook that nobody waits for. What it throws harms nobody and is complained of without content. */
export async function notify(name: string, hook: () => unknown, complain: Complain): Promise<void> {
  try {
    await hook()
  }
  catch (error) {
    complain(name, `${name} failed: ${describeError(error)}`)
  }
}
