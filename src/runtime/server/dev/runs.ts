import { AsyncLocalStorage } from 'node:async_hooks'
import type { StreamError } from '../../shared/errors'
import { concat } from '../relay/body-reader'
import { randomId } from '../relay/random-id'
import type { Exchange } from '../relay/exchange'
import type { RunRecord } from '../relay/record'
import type { ErrorContext, LlmStreamRules } from '../relay/rules'
import type { Redactor } from './redact'
import type { Attempt, AttemptWatcher } from './tap'

/** A request to the relay and everything that became of it, filled in as it goes. */
export interface WatchedRun {
  readonly id: string
  /** Path and query as they were asked for. */
  readonly path: string
  /** When it arrived, as `Date.now()` says. */
  readonly startedAt: number
  /** The request's body as it came; absent until it was read. */
  input?: Uint8Array
  readonly attempts: Attempt[]
  record?: RunRecord
  /** Why it was refused or failed, and what was known of it then. */
  error?: StreamError
  context?: Pick<ErrorContext, 'upstream' | 'protocol' | 'model'>
  /** Milliseconds until the answer had ended; absent while it goes on. */
  totalMs?: number
}

/** The last runs, in memory. It is told of them from three sides: around each request, by the transport, and by the rules' hooks. */
export interface RunList extends AttemptWatcher {
  /** Newest first. */
  readonly all: readonly WatchedRun[]
  readonly redact: Redactor
  /** Lets a request be handled, and keeps it. */
  watch: (exchange: Exchange, handle: (exchange: Exchange) => Promise<void>) => Promise<void>
  /** The same rules, whose hooks tell the list too. */
  listenIn: (rules: LlmStreamRules) => LlmStreamRules
  clear: () => void
}

/** How many runs are kept. */
const KEPT_RUNS = 50

/** Bytes of one answer that are kept once it has ended. */
export const KEPT_BYTES = 1 << 20

let current: RunList | undefined

/** The list of the one relay that a development server has; `undefined` before its first request. */
export function currentRuns(): RunList | undefined {
  return current
}

export function openRunList(redact: Redactor): RunList {
  return current = createRunList(redact)
}

/** Which run a call, a record or an error belongs to is told by the asynchronous context that they come in. */
export function createRunList(redact: Redactor): RunList {
  const here = new AsyncLocalStorage<WatchedRun>()
  let all: WatchedRun[] = []

  return {
    redact,
    get all() { return all },
    async watch(exchange, handle) {
      if (exchange.method !== 'POST') return handle(exchange) // looks at a run, or is none
      const run: WatchedRun = { id: randomId(), path: exchange.url, startedAt: Date.now(), attempts: [] }
      all = [run, ...all].slice(0, KEPT_RUNS)
      const arrivedAt = performance.now()
      const watched: Exchange = Object.assign(Object.create(exchange) as Exchange, {
        async readBody(...given: Parameters<Exchange['readBody']>) {
          return run.input = await exchange.readBody(...given)
        },
      })
      await here.run(run, () => handle(watched))
      run.totalMs = Math.round(performance.now() - arrivedAt)
      for (const attempt of run.attempts) attempt.pieces = [concat(attempt.pieces).slice(0, KEPT_BYTES)]
    },
    opened(attempt) {
      here.getStore()?.attempts.push(attempt)
    },
    listenIn: rules => ({
      ...rules,
      onFinish(record) {
        const run = here.getStore()
        if (run) run.record = record
        return rules.onFinish?.(record)
      },
      onError(error, context) {
        const run = here.getStore()
        const { upstream, protocol, model } = context
        if (run) Object.assign(run, { error, context: { upstream, protocol, model } })
        return rules.onError?.(error, context)
      },
    }),
    clear() {
      all = all.filter(({ totalMs }) => totalMs === undefined)
    },
  }
}
