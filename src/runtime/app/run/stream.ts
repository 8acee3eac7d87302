import { isStreamError, StreamError } from '../../shared/errors'
import type { StreamEvent } from '../../shared/events'
import type { Protocol } from '../../shared/protocols/protocol'
import type { StreamResult } from '../../shared/result'
import type { Timeouts } from './deadlines'
import type { StreamHooks } from './hooks'
import { callHook } from './hooks'
import type { Page } from './page'
import type { Publish, Publisher } from './publisher'
import { createPublisher } from './publisher'
import type { RunRequest } from './request'
import type { Run } from './run'
import { createRun } from './run'
import type { Snapshot } from './snapshot'
import { emptyResult, emptySnapshot } from './snapshot'

/** What becomes of a `start()` while a run is under way: it ends that run, waits for it, or fails with `busy`. */
export type Concurrency = 'replace' | 'queue' | 'reject'

/** A run as it was asked for, every option resolved: `retry()` repeats it. */
export interface Plan {
  request: RunRequest
  protocol: Protocol | Promise<Protocol>
  timeouts: Timeouts
  retry: number
  publish: Publish
}

export interface StreamOptions {
  /** `undefined` on a server, where nothing runs. */
  page: Page | undefined
  concurrency: () => Concurrency
  /** Resolves what `start` was given. Gives an error instead of throwing it. */
  plan: (input: unknown) => Plan | StreamError
  /** The only way to what is shown. */
  write: (snapshot: Snapshot) => void
  hooks: StreamHooks
  /** Takes what a hook threw. */
  report: (error: unknown) => void
}

/** A place where runs are shown, one at a time. */
export interface Stream {
  start: (input?: unknown) => Promise<StreamResult>
  stop: () => void
  retry: () => Promise<StreamResult>
  reset: () => void
  /** Stops for good: nothing starts here any more. */
  dispose: () => void
}

interface Waiting {
  plan: Plan | StreamError
  settle: (result: Promise<StreamResult> | StreamResult) => void
}

export function createStream({ page, concurrency, plan, write, hooks, report }: StreamOptions): Stream {
  let current: Run | undefined
  let publisher: Publisher | undefined
  let queue: Waiting[] = []
  let last: Plan | StreamError = nothingToRepeat()
  let disposed = false

  function admit(next: Plan | StreamError): Promise<StreamResult> {
    if (!page) return Promise.resolve(emptyResult('failed', notInBrowser()))
    if (disposed) return Promise.resolve(emptyResult('stopped'))
    if (!current && queue.length === 0) return begin(next, page)
    switch (concurrency()) {
      case 'replace': return begin(next, page)
      case 'queue': return new Promise(settle => queue.push({ plan: next, settle }))
      case 'reject': return Promise.resolve(emptyResult('failed', busy()))
    }
  }

  function begin(next: Plan | StreamError, page: Page): Promise<StreamResult> {
    last = next
    const replaced = current
    current = undefined // from here on nothing that the replaced run says is heard
    publisher?.close()
    replaced?.stop()
    if (isStreamError(next)) {
      const result = emptyResult('failed', next)
      write({ ...emptySnapshot(), phase: 'failed', result })
      finish(result, page)
      return Promise.resolve(result)
    }
    const run = createRun({ ...next, page, listener: {
      changed(first) {
        if (current !== run) return
        if (first) shown.flush()
        else shown.changed()
      },
      event: hooks.onEvent || hooks.onText || hooks.onToolCall
        ? event => current === run && dispatch(event, run)
        : undefined,
      ended(result) {
        if (current !== run) return
        current = undefined
        shown.flush()
        shown.close()
        finish(result, page)
      },
    } })
    const shown = publisher = createPublisher(next.publish, page, () => write(run.snapshot()))
    current = run
    shown.flush()
    run.begin()
    return run.result
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
    if (result.error) callHook(hooks.onError, result.error, report)
    callHook(hooks.onFinish, result, report)
    if (current) return // a hook has begun another
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
    start: input => admit(plan(input)),
    stop,
    retry: () => admit(last),
    reset() {
      stop()
      last = nothingToRepeat()
      write(emptySnapshot())
    },
    dispose() {
      disposed = true
      stop()
    },
  }
}

function nothingToRepeat(): StreamError {
  return new StreamError({ code: 'invalid_request', message: 'There is no request to repeat yet: call start() first.' })
}

function notInBrowser(): StreamError {
  return new StreamError({ code: 'not_in_browser', message: 'Nothing is streamed while a page is rendered on the server: start it in onMounted(), or set `immediate`.' })
}

function busy(): StreamError {
  return new StreamError({ code: 'busy', message: 'Another answer is still arriving: wait for it, stop it, or set `concurrency` to queue or replace.', retryable: true })
}
