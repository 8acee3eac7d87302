import type { StreamError } from '../../shared/errors'
import type { Call } from './call'
import { relayError } from './failures'

/** What is under way, so that a server can go down without cutting it off. */
export interface Runs {
  /** No new ones: the server goes down. */
  readonly closing: boolean
  /** Counts one in; `onEnd` is called when it is counted out. */
  add: (call: Call, onEnd: () => void) => void
  /** Counts it out again. */
  remove: (call: Call) => void
  /** Lets what is under way end for `grace` milliseconds, ends other runs with `server_restarting`, and settles when all is over. */
  drain: (grace: number) => Promise<void>
}

/** Milliseconds that clients have to take what ended their runs, before connections are cut. */
const LAST_WORDS = 2_000

export function createRuns(): Runs {
  const calls = new Map<Call, () => void>()
  let closing = false
  /** Whoever waits for the last one to end. */
  let waiting: (() => void)[] = []

  return {
    get closing() { return closing },
    add: (call, onEnd) => calls.set(call, onEnd),
    remove(call) {
      const onEnd = calls.get(call)
      calls.delete(call)
      onEnd?.()
      if (calls.size > 0) return
      for (const tell of waiting) tell()
      waiting = []
    },
    async drain(grace) {
      closing = true
      if (calls.size === 0) return
      const over = new Promise<void>(resolve => waiting.push(resolve))
      const patience = setTimeout(() => {
        // Who follows a run hears how it ends; if it goes on elsewhere, a connection that breaks is one to come back from.
        for (const { run, follows } of calls.keys()) if (!follows) run.abort(serverRestarting())
      }, grace)
      const end = setTimeout(() => {
        for (const { exchange: { sink } } of calls.keys()) sink.destroy()
      }, grace + LAST_WORDS)
      await over
      clearTimeout(patience)
      clearTimeout(end)
    },
  }
}

/** For requests that arrive while the server goes down, and runs that outlast its patience. */
export function serverRestarting(): StreamError {
  return relayError('server_restarting', { retryAfterMs: 1000 })
}
