import type { ProtocolName } from '../../shared/wire'
import { parseBody, readBody } from './body'
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
export class RequestReader {
  /** The reading, while it is under way. */
  pending: Promise<unknown> | undefined
  /** What reading or checking failed with, if it did. */
  failure: unknown
  /** Name on the allow-list of the model that is asked for; awaiting it reads the body. */
  readonly model: PromiseLike<string> = {
    then: (fulfilled, rejected) => this.shape(this.context.limits).then(({ requestedModel }) => requestedModel).then(fulfilled, rejected),
  }

  private body: Promise<JsonBody> | undefined

  constructor(private readonly call: Call, private readonly context: ReaderContext) {}

  /** Reads, checks and shapes the request; for a fallback the model is its alias of the same name, or its first. */
  async shape(limits: Limits, target = this.context.upstream): Promise<ShapedRequest> {
    const { upstream, protocol, inputRequired } = this.context
    try {
      const { bytes, value } = await this.read(limits)
      if (bytes > limits.bodyBytes) throw relayError('body_too_large')
      return shapeRequest(target === upstream ? value : withModelOf(target, value), { upstream: target, protocol, limits, inputRequired })
    }
    catch (error) {
      this.failure = error
      throw error
    }
  }

  /** Forgets the body: it will not be asked for again. */
  release(): void {
    this.body = undefined
  }

  private read({ bodyBytes, depth }: Limits): Promise<JsonBody> {
    if (this.body) return this.body
    const { exchange, headers, run } = this.call
    const reading = readBody(exchange, { bodyBytes, timeout: this.context.upstream.timeouts.body, signal: run })
    const done = () => { this.pending = undefined }
    this.pending = reading.then(done, () => {
      done()
      // What was not taken of the body is still in the connection.
      headers.connection = 'close'
    })
    this.body = reading.then(bytes => parseBody(bytes, depth))
    return this.body
  }
}

function withModelOf({ models }: ResolvedUpstream, value: Record<string, unknown>): Record<string, unknown> {
  const { model } = value
  return typeof model === 'string' && models?.has(model) ? value : { ...value, model: undefined }
}
