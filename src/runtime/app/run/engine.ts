import { loadProtocol } from '../../shared/protocols'
import { toJsonSchema } from '../../shared/schema'
import type { Connection } from './connection'
import { connectOnce } from './connection'
import { failure } from './failures'
import type { Page } from './page'
import { createPage } from './page'
import type { Plan } from './plan'
import { buildRequest } from './request'
import type { ResumableOptions } from './resume'
import type { Run, RunListener } from './run'
import { createRun } from './run'

/**
 * Opens a run of a plan. What this module stands on (decoders, reducer, SSE, the reading loop) is three quarters of the
 * code, so it is loaded while the page comes to life, and not before.
 */
export function openRun(plan: Plan, listener: RunListener, connectResumable?: ConnectResumable, page: Page = createPage()): Run {
  const connection = connect(plan, options => connectResumable!({ ...options, ...listener, page })) // there for plans that need it
  return createRun({ ...plan, connection, protocol: loadProtocol(plan.request.protocol), page, listener })
}

type ConnectResumable = (options: ResumableOptions) => Connection

function connect({ error, request, schema, resumable, comeBack }: Plan, connectResumable: (options: Pick<ResumableOptions, 'request' | 'from'>) => Connection): Connection {
  try {
    if (error) throw error
    if (comeBack) return connectResumable({ request, from: comeBack.runId })
    const from = buildRequest(request, schema && toJsonSchema(schema))
    return resumable ? connectResumable({ request, from }) : connectOnce(from)
  }
  catch (cause) {
    return { open: () => Promise.reject(failure('The request could not be made', cause)), runId: null }
  }
}
