import { relayError } from './failures'
import { inTime } from './hooks'
import type { LlmStreamRules, PrepareContext, RequestBody } from './rules'
import type { LightSignal } from './light-signal'

const encoder = new TextEncoder()

/**
 * Gives the app's `prepare` the last word on a request, and makes the bytes that go upstream: serialised once, so that every
 * attempt sends the same. Throws `prepare_failed`.
 */
export async function prepareBody(body: RequestBody, prepare: LlmStreamRules['prepare'], given: Omit<PrepareContext, 'signal'>, run: LightSignal): Promise<Uint8Array> {
  if (!prepare) return encode(body)
  let signal: AbortSignal | undefined
  // Made for who asks for it: it is kept for as long as the run lasts.
  const context: PrepareContext = { ...given, get signal() { return signal ??= run.toAbortSignal() } }
  const { stream } = body
  try {
    const late = () => new Error('prepare took too long')
    // One that changes its argument and returns nothing is understood as well.
    const prepared = await inTime((async () => prepare(body, context))(), { late, signal: run }) ?? body
    // How the answer is framed is settled by now.
    return encode({ ...prepared, stream })
  }
  catch (cause) {
    run.throwIfAborted()
    throw relayError('prepare_failed', { cause })
  }
}

function encode(body: RequestBody): Uint8Array {
  return encoder.encode(JSON.stringify(body))
}
