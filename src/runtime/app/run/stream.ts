import type { StreamEvent } from '../../shared/events'
import type { ToolCall } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'
import { busy, invalid, notInBrowser } from './failures'
import type { StreamHooks } from './hooks'
import { callHook } from './hooks'
import type { Engine } from './launch'
import { launch } from './launch'
import type { Plan } from './plan'
import type { Run } from './run'
import type { Snapshot } from './snapshot'
import { emptyResult, emptySnapshot } from './snapshot'

export interface StreamOptions {
  /** Gives the code that runs need. `undefined` on a server, where nothing runs. */
  load: (() => Engine | Promise<Engine>) | undefined
  /** Resolves what `start` was given. Never throws. */
  plan: (input: unknown) => Plan
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
  plan: Plan
  settle: (result: Promise<StreamResult>) => void
}

export function createStream({ load, plan, write, hooks, report, warn }: StreamOptions): Stream {
  /** The only run that may write or call hooks. */
  let current: Run | undefined
  let queue: Waiting[] = []
  let last: Plan | undefined
  let disposed = false
  if (load) void Promise.resolve(load()).catch(() => {}) // ahead of the first `start`, which tries again
  const listens = hooks.onEvent ?? hooks.onText ?? hooks.onToolCall

  function admit(next: Plan): Promise<StreamResult> {
    if (disposed) return Promise.resolve(emptyResult('stopped'))
    if (current || queue.length > 0) {
      if (next.concurrency === 'reject') return Promise.resolve(emptyResult('failed', busy()))
      if (next.concurrency === 'queue') return new Promise(settle => queue.push({ plan: next, settle }))
    }
    return begin(next)
  }

  function begin(next: Plan): Promise<StreamResult> {
    last = next
    const replaced = current
    const run: Run = current = launch(load!(), next, {
      write: snapshot => current === run && write(snapshot),
      event: listens && ((event, call) => current === run && dispatch(event, call)),
      warn,
      ended: result => current === run && finish(result),
    })
    replaced?.stop() // nothing that it says is heard any more
    write(emptySnapshot('submitted'))
    run.begin()
    return run.result
  }

  function dispatch(event: StreamEvent, call: ToolCall | undefined): void {
    callHook(hooks.onEvent, event, report)
    if (event.type === 'text-delta' && !event.choice) callHook(hooks.onText, event.delta, report)
    if (call) callHook(hooks.onToolCall, call, report)
  }

  function finish(result: StreamResult): void {
    current = undefined
    if (result.outcome !== null) {
      if (result.error) callHook(hooks.onError, result.error, report)
      callHook(hooks.onFinish, result, report)
    }
    if (current) return // a hook has started another
    const next = queue.shift()
    next?.settle(begin(next.plan))
  }

  function stop(): void {
    const waiting = queue
    queue = []
    current?.stop()
    for (const { settle } of waiting) settle(Promise.resolve(emptyResult('stopped')))
  }

  /** What the verbs that start something give on a server. */
  const refused = () => Promise.resolve(emptyResult('failed', notInBrowser()))

  return {
    start: input => load ? admit(plan(input)) : refused(),
    stop,
    disconnect: () => current?.disconnect(),
    retry: () => load ? admit(last ?? { ...plan(undefined), error: invalid('There is no request to repeat yet: call start() first.') }) : refused(),
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
