import type { StreamEvent } from '../../shared/events'
import type { ToolCall } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'
import { busy, invalid, notInBrowser } from './failures'
import type { StreamHooks } from './hooks'
import { callHook } from './hooks'
import type { Engine, Needs } from './launch'
import { launch } from './launch'
import type { RunMemory } from './memory'
import type { Plan } from './plan'
import type { Run } from './run'
import type { Snapshot } from './snapshot'
import { emptyResult, emptySnapshot } from './snapshot'

export interface StreamOptions {
  /** Gives the code that a run needs. `undefined` on a server, where nothing runs. */
  load: ((needs: Needs) => Engine | Promise<Engine>) | undefined
  /** Resolves what `start` was given. Never throws. */
  plan: (input: unknown) => Plan
  /** The only way to what is shown. */
  write: (snapshot: Snapshot) => void
  /** The hooks at hand: those of another user, once the first has gone. */
  hooks: () => StreamHooks
  /** Where a run is kept in mind for the time after a reload. */
  memory?: RunMemory
  /** What the runs to come will need, so that it is there in time. */
  needs?: Needs
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
  /** Comes back to the run of this id, else to the one that was left here or is remembered. `null`: there is none. */
  resume: (runId?: string) => Promise<StreamResult | null>
  retry: () => Promise<StreamResult>
  reset: () => void
  /** What the run under way can be come back to by, or the last one; `undefined` of one that ends with its connection. */
  id: () => string | undefined
  /** Stops for good: nothing starts here any more. */
  dispose: () => void
}

interface Waiting {
  plan: Plan
  settle: (result: Promise<StreamResult>) => void
}

export function createStream({ load, plan, write: publish, hooks, memory, needs = {}, report, warn }: StreamOptions): Stream {
  /** The only run that may write or call hooks. */
  let current: Run | undefined
  /** What it, or the last one, can be come back to by, once that is known. */
  let currentId: string | undefined
  let shown = emptySnapshot()
  let queue: Waiting[] = []
  let last: Plan | undefined
  let disposed = false
  if (load) void Promise.resolve(load(needs)).catch(() => {}) // ahead of the first `start`, which tries again

  function write(snapshot: Snapshot): void {
    shown = snapshot
    publish(snapshot)
  }

  /** Begins a run now, later or not at all. On a server there is no plan: an app's getters have nothing to say there. */
  function admit(next: Plan | undefined): Promise<StreamResult> {
    if (!next) return Promise.resolve(emptyResult('failed', notInBrowser()))
    if (disposed) return Promise.resolve(emptyResult('stopped'))
    if (current || queue.length > 0) {
      if (next.concurrency === 'reject') return Promise.resolve(emptyResult('failed', busy()))
      if (next.concurrency === 'queue') return new Promise(settle => queue.push({ plan: next, settle }))
    }
    return begin(next)
  }

  function begin(next: Plan): Promise<StreamResult> {
    if (!next.comeBack) last = next
    const replaced = current
    currentId = next.comeBack?.runId
    let over = false
    const tell = (event: StreamEvent, call?: ToolCall) => current === run && dispatch(event, call)
    const run: Run = current = launch(load!(next), next, {
      write(snapshot) {
        if (current !== run) return
        over = snapshot.result.outcome !== null
        if (over) current = undefined // a watcher that starts another now comes after it, and replaces nothing
        write(snapshot)
      },
      get event() {
        return (hooks().onEvent ?? hooks().onText ?? hooks().onToolCall) && tell
      },
      warn,
      known: runId => current === run && keep(runId, next),
      ended(result) {
        if (current === run) current = undefined
        else if (!over) return
        finish(result)
      },
    })
    replaced?.stop() // nothing that it says is heard any more
    if (!next.comeBack) write(emptySnapshot('submitted')) // a run that was left may not be found
    run.begin()
    return run.result
  }

  /** The run under way can be come back to, or has been. */
  function keep(runId: string, { request, comeBack }: Plan): void {
    currentId = runId
    memory?.write({ runId, protocol: request.protocol })
    if (!comeBack) return
    write(comeBack.shown ? { ...comeBack.shown, phase: 'streaming' } : { ...emptySnapshot('submitted'), runId })
  }

  function dispatch(event: StreamEvent, call?: ToolCall): void {
    callHook(hooks().onEvent, event, report)
    if (event.type === 'text-delta' && !event.choice) callHook(hooks().onText, event.delta, report)
    if (call) callHook(hooks().onToolCall, call, report)
  }

  function finish(result: StreamResult): void {
    if (result.outcome !== null || result.error) memory?.clear()
    if (result.outcome !== null) {
      if (result.error) callHook(hooks().onError, result.error, report)
      callHook(hooks().onFinish, result, report)
    }
    if (current) return // a hook, or a watcher of what was shown, has started another
    const next = queue.shift()
    next?.settle(begin(next.plan))
  }

  async function resume(id?: string): Promise<StreamResult | null> {
    if (!load) return null
    if (current && (id === undefined || id === currentId)) return found(await current.result)
    const left = shown.phase === 'ready' && shown.runId !== null ? shown : undefined
    const remembered = memory?.read()
    const runId = id ?? left?.runId ?? remembered?.runId
    if (runId === undefined) return null
    const next = plan(undefined)
    if (remembered?.runId === runId) next.request.protocol = remembered.protocol
    return found(await admit({ ...next, comeBack: { runId, shown: left?.runId === runId ? left : undefined } }))
  }

  function stop(): void {
    const waiting = queue
    queue = []
    current?.stop()
    for (const { settle } of waiting) settle(Promise.resolve(emptyResult('stopped')))
  }

  return {
    start: input => admit(load && plan(input)),
    stop,
    disconnect: () => current?.disconnect(),
    resume,
    retry: () => admit(load && (last ?? { ...plan(undefined), error: invalid('There is no request to repeat yet: call start() first.') })),
    reset() {
      stop()
      last = undefined
      memory?.clear() // of a run that was left
      write(emptySnapshot())
    },
    id: () => currentId,
    dispose() {
      disposed = true
      stop()
    },
  }
}

/** A run without an outcome goes on elsewhere; with an error as well, there is none. */
function found(result: StreamResult): StreamResult | null {
  return result.outcome === null && result.error ? null : result
}
