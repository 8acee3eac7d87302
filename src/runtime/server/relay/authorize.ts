import type { StreamError } from '../../shared/errors'
import { addressBucket, clientAddress } from './client'
import type { Limits } from './defaults'
import { mergeNumbers } from './defaults'
import type { Call } from './call'
import { relayError } from './failures'
import { inTime } from './hooks'
import { Misuse } from './misuse'
import type { ResolvedRelayOptions } from './options'
import type { RequestReader } from './request'
import type { Authorization, AuthorizeRequest, LlmStreamRules } from './rules'
import type { EndSignal } from './light-signal'

/** Who is asking, and within what. */
export interface Caller {
  /** As `authorize` says; without one the bucket of the client's address. */
  subject: string
  /** An `authorize` named the subject. */
  authorized: boolean
  /** The client's address as limits count it. */
  bucket: string
  limits: Limits
}

export interface AuthorizeContext {
  authorize: LlmStreamRules['authorize']
  options: ResolvedRelayOptions
  /** The request's body, where there is one to wait for: its time is not `authorize`'s, and neither are its errors. */
  body?: Pick<RequestReader, 'pending' | 'failure'>
}

/** Asks the app who is asking. Throws `unauthorized`, `forbidden`, `authorize_timeout`, or what reading the body threw. */
export async function authorizeCaller(call: Call, request: AuthorizeRequest, context: AuthorizeContext): Promise<Caller> {
  const { authorize, options: { limits, trustProxy } } = context
  const bucket = addressBucket(clientAddress(call.exchange, trustProxy))
  const caller: Caller = { subject: bucket, authorized: authorize !== undefined, bucket, limits }
  if (authorize) {
    const answer = await ask(async () => authorize(call.exchange.event, request), call.run, context.body)
    if (!answer) throw relayError('unauthorized')
    caller.subject = subjectOf(answer)
    caller.limits = mergeNumbers('authorize: limits', limits, answer.limits)
  }
  call.context.subject = caller.subject
  return caller
}

async function ask(authorize: () => Promise<Authorization | null>, signal: EndSignal, body: AuthorizeContext['body']): Promise<Authorization | null> {
  const late = relayError('authorize_timeout')
  try {
    return await inTime(authorize(), { late: () => late, signal, except: () => body?.pending })
  }
  catch (error) {
    if (error === late || signal.aborted || (error !== undefined && error === body?.failure)) throw error
    throw refusal(error)
  }
}

function refusal(cause: unknown): StreamError {
  const status = statusOf(cause)
  if (status === 401) return relayError('unauthorized', { cause })
  return relayError('forbidden', { status: isRefusal(cause) ? status : 403, cause })
}

/** Whether what `authorize` threw was meant to refuse, and not an accident. */
export function isRefusal(cause: unknown): boolean {
  const status = statusOf(cause)
  return status !== undefined && status >= 400 && status < 500
}

/** As h3's and most other frameworks' errors carry it. */
function statusOf(cause: unknown): number | undefined {
  if (typeof cause !== 'object' || cause === null) return
  const { statusCode, status = statusCode } = cause as { status?: unknown, statusCode?: unknown }
  return typeof status === 'number' ? status : undefined
}

function subjectOf({ subject }: Authorization): string {
  // Ids of many databases are numbers.
  if ((typeof subject !== 'string' && typeof subject !== 'number') || subject === '') {
    throw new Misuse('authorize must return { subject } with a stable id of the user, or null.')
  }
  return String(subject)
}
