import type { StreamError } from '../../shared/errors'
import { addressBucket, clientAddress } from './client'
import type { Limits } from './defaults'
import type { Exchange } from './exchange'
import { relayError } from './failures'
import { inTime } from './hooks'
import type { ResolvedRelayOptions } from './options'
import type { RequestReader } from './request'
import type { Authorization, AuthorizeRequest, LlmStreamRules } from './rules'

/** Who is asking, and within what. */
export interface Caller {
  /** As `authorize` says; without one the bucket of the client's address. */
  subject: string
  /** The client's address as limits count it. */
  bucket: string
  limits: Limits
}

export interface AuthorizeContext {
  authorize: LlmStreamRules['authorize']
  options: ResolvedRelayOptions
  /** Aborts when the client is gone. */
  signal: AbortSignal
  /** The request's body, where there is one to wait for: its time is not `authorize`'s, and neither are its errors. */
  body?: Pick<RequestReader, 'pending' | 'failure'>
}

/** Asks the app who is asking. Throws `unauthorized`, `forbidden`, `authorize_timeout`, or what reading the body threw. */
export async function authorizeCaller(exchange: Exchange, request: AuthorizeRequest, context: AuthorizeContext): Promise<Caller> {
  const { authorize, options: { limits, trustProxy } } = context
  const bucket = addressBucket(clientAddress(exchange, trustProxy))
  if (!authorize) return { subject: bucket, bucket, limits }
  const answer = await ask(() => authorize(exchange.event, request), context)
  if (!answer) throw relayError('unauthorized')
  return { subject: subjectOf(answer), bucket, limits: { ...limits, ...answer.limits } }
}

async function ask(authorize: () => ReturnType<NonNullable<LlmStreamRules['authorize']>>, { signal, body }: AuthorizeContext): Promise<Authorization | null> {
  const late = relayError('authorize_timeout')
  try {
    return await inTime((async () => authorize())(), { late: () => late, signal, except: () => body?.pending })
  }
  catch (error) {
    if (error === late || signal.aborted || (error !== undefined && error === body?.failure)) throw error
    throw refusal(error)
  }
}

function refusal(cause: unknown): StreamError {
  const { statusCode, status = statusCode } = (typeof cause === 'object' && cause !== null ? cause : {}) as { status?: unknown, statusCode?: unknown }
  if (status === 401) return relayError('unauthorized', { cause })
  const refused = typeof status === 'number' && status >= 400 && status < 500
  return relayError('forbidden', { status: refused ? status : 403, cause })
}

function subjectOf({ subject }: Authorization): string {
  // Ids of many databases are numbers.
  if ((typeof subject !== 'string' && typeof subject !== 'number') || subject === '') {
    throw relayError('internal', { cause: new TypeError('authorize must return { subject } with a stable id of the user, or null') })
  }
  return String(subject)
}
