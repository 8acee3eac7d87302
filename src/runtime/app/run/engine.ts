import { loadProtocol } from '../../shared/protocols'
import type { Connection } from './connection'
import { connectOnce } from './connection'
import { failure } from './failures'
import type { Page } from './page'
import { createPage } from './page'
import type { Plan } from './plan'
import { buildRequest } from './request'
import type { RequestOptions, RunRequest } from './request'
import type { connectResumable, openAgain } from './resume'
import type { Run, RunListener } from './run'
import { createRun } from './run'
import type { createStructured, Structured } from './structured'

/** Code that is loaded for those plans that need it. */
export interface Extras {
  connectResumable?: typeof connectResumable
  openAgain?: typeof openAgain
  createStructured?: typeof createStructured
}

/**
 * Opens a run of a plan. What this module stands on (decoders, reducer, SSE, the reading loop) is three quarters of the
 * code, so it is loaded while the page comes to life, and not before.
 */
export function openRun(plan: Plan, listener: RunListener, extras: Extras = {}, page: Page = createPage()): Run {
  const { schema, request: { protocol } } = plan
  const structured = schema && extras.createStructured!(schema, protocol) // loaded for plans with a schema
  const connection = connect(plan, structured, (request, from) => extras.connectResumable!({ request, from, ...listener, page })) // likewise
  const open = (listener: RunListener) => createRun({ ...plan, connection, structured, protocol: loadProtocol(protocol), page, listener })
  return plan.comeBack ? extras.openAgain!(plan.comeBack, listener, open) : open(listener) // likewise
}

type Resume = (request: RequestOptions, from: RunRequest | string) => Connection

function connect({ error, request, resumable, comeBack }: Plan, structured: Structured | undefined, resume: Resume): Connection {
  try {
    if (error) throw error
    if (comeBack) return resume(request, comeBack.runId)
    const from = buildRequest(request, structured?.ask)
    return resumable ? resume(request, from) : connectOnce(from)
  }
  catch (cause) {
    return { open: () => Promise.reject(failure('The request could not be made', cause)), runId: null }
  }
}
