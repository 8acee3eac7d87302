import type { ProtocolName } from '../../shared/wire'
import { readJsonBody } from './body'
import type { JsonBody } from './body'
import type { Limits } from './defaults'
import type { Call } from './call'
import { relayError } from './failures'
import { shapeRequest } from './params'
import type { ShapedRequest } from './params'
import type { ResolvedUpstream } from './upstream-options'

export interface ReaderContext {
  upstream: ResolvedUpstream
  protocol: ProtocolName
  /** Bounds for a body that is read before it is known who asks. */
  limits: Limits
  inputRequired: boolean
}

/** The request's body: read once, when it is first needed, and checked by the limits of whoever asks. */
export interface RequestReader {
  /** Name on the allow-list of the model that is asked for. */
  readonly model: PromiseLike<string>
  /** Reads, checks and shapes the request; for a fallback the model is its alias of the same name, or its first. */
  shape: (limits: Limits, target?: ResolvedUpstream) => Promise<ShapedRequest>
  /** The reading, while it is under way. */
  readonly pending: Promise<unknown> | undefined
  /** What reading or checking failed with, if it did. */
  readonly failure: unknown
}

export function createRequestReader({ exchange, headers, run: { signal } }: Call, context: ReaderContext): RequestReader {
  const { upstream, protocol, inputRequired } = context
  let body: Promise<JsonBody> | undefined
  let pending: Promise<unknown> | undefined
  let failure: unknown

  return {
    model: {
      then: (fulfilled, rejected) => shape(context.limits).then(({ requestedModel }) => requestedModel).then(fulfilled, rejected),
    },
    shape,
    get pending() { return pending },
    get failure() { return failure },
  }

  async function shape(limits: Limits, target = upstream): Promise<ShapedRequest> {
    try {
      const { bytes, value } = await read(limits)
      if (bytes > limits.bodyBytes) throw relayError('body_too_large')
      return shapeRequest(target === upstream ? value : withModelOf(target, value), { upstream: target, protocol, limits, inputRequired })
    }
    catch (error) {
      failure = error
      throw error
    }
  }

  function read({ bodyBytes, depth }: Limits): Promise<JsonBody> {
    if (body) return body
    body = readJsonBody(exchange, { bodyBytes, depth, timeout: upstream.timeouts.body, signal })
    const done = () => { pending = undefined }
    pending = body.then(done, () => {
      done()
      // What was not taken of the body is still in the connection.
      headers.connection = 'close'
    })
    return body
  }
}

function withModelOf({ models }: ResolvedUpstream, value: Record<string, unknown>): Record<string, unknown> {
  const { model } = value
  return typeof model === 'string' && models?.has(model) ? value : { ...value, model: undefined }
}
