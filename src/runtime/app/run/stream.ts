import { StreamError } from '../../shared/errors'
import type { StreamEvent } from '../../shared/events'
import type { StreamResult } from '../../shared/result'
import type { StreamHooks } from './hooks'
import { callHook } from './hooks'
import type { Page } from './page'
import type { Publish, Publisher } from './publisher'
import { createPublisher } from './publisher'
import type { Plan, Run } from './run'
import { createRun } from './run'
import type { Snapshot } from './snapshot'
import { emptyResult, emptySnapshot } from './snapshot'

/** What becomes of a `start()` while a run is under way: it ends that run, waits for it, or fails with `busy`. */
export type Concurrency = 'replace' | 'queue' | 'reject'

/** A run as it was asked for, which `retry()` repeats; or why it cannot be made. */
export type StreamPlan = { concurrency: Concurrency } & (Plan & { publish: Publish } | { error: StreamError })

export interface StreamOptions {
  /** `undefined` on a server, where nothing runs. */
  page: Page | undefined
  /** Resolves what `start` was given. Never throws. */
  plan: (input: unknown) => StreamPlan
  /** The only way to what is shown. */
  write: (snapshot: Snapshot) => void
  hooks: StreamHooks
  /** Takes what a hook threw. */
  report: (error: unknown) => void
  /** Takes what a developer should know. */
  warn: (message: string) => void
}

/** A place where runs are shown, one at a time. */
export interface Stream {
  start: (input?: unknown) => Promise<StreamResult>
  /** Ends the run that is shown, and those that wait. */
  stop: () => void
  disconnect: () => void
  retry: () => Promise<StreamResult>
  reset: () => void
  /** Stops for good: nothing starts here any more. */
  dispose: () => void
}

interface Waiting {
  plan: StreamPlan
  settle: (result: Promise<StreamResult> | StreamResult) => void
}

export function createStream({ page, plan, write, hooks, report, warn }: StreamOptions): Stream {
  /** The only run that may write or call hooks. */
  let current: Run | undefined
  let publisher: Publisher | undefined
  let queue: Waiting[] = []
  let last: StreamPlan | undefined
  let disposed = false
  const listens = hooks.onEvent ?? hooks.onText ?? hooks.onToolCall

  function admit(next: StreamPlan, page: Page): Promise<StreamResult> {
    if (disposed) return Promise.resolve(emptyResult('stopped'))
    if (current || queue.length > 0) {
      if (next.concurrency === 'reject') return Promise.resolve(emptyResult('failed', busy()))
      if (next.concurrency === 'queue') return new Promise(settle => queue.push({ plan: next, settle }))
    }
    return begin(next, page)
  }

  function begin(next: StreamPlan, page: Page): Promise<StreamResult> {
    const replaced = current
    current = undefined // from here on, nothing that the replaced run says is heard
    publisher?.close()
    replaced?.stop()
    last = next
    return 'error' in next ? refuse(next.error, page) : run(next, page)
  }

  function run(next: Plan & { publish: Publish }, page: Page): Promise<StreamResult> {
    const run = createRun(next, page, {
      changed(first) {
        if (current !== run) return
        if (first) shown.flush()
        else shown.changed()
      },
      event: listens && (event => current === run && dispatch(event, run)),
      warn,
      ended(result) {
        if (current !== run) return
        current = undefined
        shown.flush()
        shown.close()
        finish(result, page)
      },
    })
    const shown = publisher = createPublisher(next.publish, page, () => write(run.snapshot()))
    current = run
    shown.flush()
    run.begin()
    return run.result
  }

  /** A run that fails before it begins. */
  function refuse(error: StreamError, page: Page): Promise<StreamResult> {
    const result = emptyResult('failed', error)
    write({ ...emptySnapshot(), phase: 'failed', result })
    finish(result, page)
    return Promise.resolve(result)
  }

  function dispatch(event: StreamEvent, run: Run): void {
    callHook(hooks.onEvent, event, report)
    if (!('part' in event) || event.choice) return
    if (event.type === 'text-delta') callHook(hooks.onText, event.delta, report)
    if (event.type !== 'tool-call-end' || !hooks.onToolCall) return
    const call = run.snapshot().result.choices[0]?.parts[event.part]
    if (call?.type === 'tool-call') callHook(hooks.onToolCall, call, report)
  }

  function finish(result: StreamResult, page: Page): void {
    if (result.outcome !== null) {
      if (result.error) callHook(hooks.onError, result.error, report)
      callHook(hooks.onFinish, result, report)
    }
    if (current) return // a hook has started another
    const next = queue.shift()
    next?.settle(begin(next.plan, page))
  }

  function stop(): void {
    const waiting = queue
    queue = []
    current?.stop()
    for (const { settle } of waiting) settle(emptyResult('stopped'))
  }

  return {
    start: input => page ? admit(plan(input), page) : Promise.resolve(emptyResult('failed', notInBrowser())),
    stop,
    disconnect: () => current?.disconnect(),
    retry: () => page ? admit(last ?? nothingToRepeat(), page) : Promise.resolve(emptyResult('failed', notInBrowser())),
    reset() {
      stop()
      last = undefined
      write(emptySnapshot())
    },
    dispose() {
      disposed = true
      stop()
    },
  }
}

function nothingToRepeat(): StreamPlan {
  const error = new StreamError({ code: 'invalid_request', message: 'There is no request to repeat yet: call start() first.' })
  return { concurrency: 'reject', error }
}

function notInBrowser(): StreamError {
  return new StreamError({ code: 'not_in_browser', message: 'Nothing is streamed while a page is rendered on the server: start it in onMounted(), or set `immediate`.' })
}

function busy(): StreamError {
  return new StreamError({ code: 'busy', message: 'Another answer is still arriving: wait for it, stop it, or set `concurrency` to queue or replace.', retryable: true })
}
