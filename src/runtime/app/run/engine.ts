import { loadProtocol } from '../../shared/protocols'
import { toJsonSchema } from '../../shared/schema'
import type { Connection } from './connection'
import { connectOnce } from './connection'
import { failure } from './failures'
import type { Page } from './page'
import { createPage } from './page'
import type { Plan } from './plan'
import { buildRequest } from './request'
import type { Run, RunListener } from './run'
import { createRun } from './run'

/**
 * Opens a run of a plan. What this module stands on (decoders, reducer, SSE, the reading loop) is three quarters of the
 * code, so it is loaded while the page comes to life, and not before.
 */
export function openRun(plan: Plan, listener: RunListener, page: Page = createPage()): Run {
  return createRun({ ...plan, connection: connect(plan), protocol: loadProtocol(plan.request.protocol), page, listener })
}

function connect({ error, request, schema }: Plan): Connection {
  try {
    if (error) throw error
    return connectOnce(buildRequest(request, schema && toJsonSchema(schema)))
  }
  catch (cause) {
    return { open: () => Promise.reject(failure('The request could not be made', cause)), runId: null }
  }
}
