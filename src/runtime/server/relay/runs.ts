import { relayError } from './failures'

/** What is under way, so that a server can go down without cutting it off. */
export interface Runs {
  /** No new ones: the server goes down. */
  readonly closing: boolean
  /** Counts one in; the returned function counts it out. */
  add: (run: AbortController) => () => void
  /** Lets what is under way end for `grace` milliseconds, ends the rest with `server_restarting`, and settles when all is over. */
  drain: (grace: number) => Promise<void>
}

export function createRuns(): Runs {
  const runs = new Set<AbortController>()
  let closing = false
  let empty: (() => void) | undefined

  return {
    get closing() { return closing },
    add(run) {
      runs.add(run)
      return () => {
        runs.delete(run)
        if (runs.size === 0) empty?.()
      }
    },
    async drain(grace) {
      closing = true
      if (runs.size === 0) return
      const over = new Promise<void>((resolve) => { empty = resolve })
      const timer = setTimeout(() => {
        for (const run of runs) run.abort(serverRestarting())
      }, grace)
      await over
      clearTimeout(timer)
    },
  }
}

/** For requests that arrive while the server goes down, and runs that outlast its patience. */
export function serverRestarting() {
  return relayError('server_restarting', { retryAfterMs: 1000 })
}
