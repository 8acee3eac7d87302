import { StreamError } from '../../shared/errors'
import type { StreamResult } from '../../shared/result'
import type { Plan } from './plan'
import type { Run, RunListener } from './run'
import type { Phase } from './snapshot'
import { emptyResult, emptySnapshot } from './snapshot'

/** What the code that is loaded depends on, as far as it is there. */
export interface Needs {
  resumable?: unknown
  comeBack?: unknown
  schema?: unknown
}

/** The code that runs need. */
export interface Engine {
  openRun: (plan: Plan, listener: RunListener) => Run
}

/**
 * Opens a run whose code may still be on its way. Nothing is sent before it is there: an answer that nobody can read would
 * be paid for all the same.
 */
export function launch(engine: Engine | Promise<Engine>, plan: Plan, listener: RunListener): Run {
  return engine instanceof Promise ? openLater(engine, plan, listener) : engine.openRun(plan, listener)
}

function openLater(engine: Promise<Engine>, plan: Plan, listener: RunListener): Run {
  let run: Run | undefined
  let over = false
  let settle!: (result: StreamResult | Promise<StreamResult>) => void // the promise's constructor sets it
  const result = new Promise<StreamResult>((resolve) => { settle = resolve })

  function end(phase: Phase & StreamResult['outcome'], error?: StreamError): void {
    if (over) return
    over = true
    const result = emptyResult(phase, error)
    listener.write(emptySnapshot(phase, error))
    listener.ended(result)
    settle(result)
  }

  return {
    begin() {
      engine.then(({ openRun }) => {
        if (over) return
        run = openRun(plan, listener)
        settle(run.result)
        run.begin()
      }, cause => end('failed', notLoaded(cause)))
    },
    stop: () => run ? run.stop() : end('stopped'),
    disconnect: () => run ? run.disconnect() : end('stopped'),
    result,
  }
}

function notLoaded(cause: unknown): StreamError {
  return new StreamError({
    code: 'network_error',
    message: 'A part of this app could not be loaded: check the network, and reload the page.',
    retryable: true,
    cause,
  })
}
