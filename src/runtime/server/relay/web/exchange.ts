import { isStreamError } from '../../../shared/errors'
import type { Exchange } from '../exchange'
import { concat } from '../body-reader'
import { relayError } from '../failures'
import type { EndSignal } from '../light-signal'
import { createStreamSink } from './stream-sink'

/** What only the platform knows of a request. */
export interface WebContext {
  /** Address of the client, where the platform knows it. */
  ip?: string | undefined
  /** Keeps the isolate at work until the promise settles. */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined
}

export interface WebExchange {
  exchange: Exchange
  /** Settles when the head of the answer is known. Never rejects. */
  response: Promise<Response>
}

/** An exchange over a web `Request`, for fetch servers of any kind. */
export function toWebExchange(request: Request, { ip, waitUntil }: WebContext = {}, event: unknown = request): WebExchange {
  const { sink, response } = createStreamSink(request.signal)
  const [, scheme, host, url = '/'] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(request.url) ?? []
  const exchange: Exchange = {
    method: request.method,
    // As it was written, where the platform kept it: `URL` would tidy it.
    url: url || '/',
    headers: { host, ...Object.fromEntries(request.headers) },
    scheme: scheme?.toLowerCase() === 'https' ? 'https' : 'http',
    address: ip ?? readCloudflareAddress(request),
    readBody: (limit, signal) => readBody(request.body, limit, signal),
    sink,
    event,
    waitUntil,
  }
  return { exchange, response }
}

/** [spec] https://developers.cloudflare.com/fundamentals/reference/http-headers/ Outside a Worker anybody could send that header. */
function readCloudflareAddress(request: Request): string | undefined {
  return 'cf' in request ? request.headers.get('cf-connecting-ip') ?? undefined : undefined
}

async function readBody(body: Request['body'], limit: number, signal: EndSignal): Promise<Uint8Array> {
  const reader = body?.getReader()
  if (!reader) return new Uint8Array(0)
  const stop = () => void reader.cancel(signal.reason).catch(() => {}) // the body may have failed already
  signal.addEventListener('abort', stop)
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return concat(chunks)
      length += value.length
      if (length > limit) throw relayError('body_too_large')
      chunks.push(value)
    }
  }
  catch (error) {
    stop()
    if (signal.aborted) throw signal.reason
    throw isStreamError(error) ? error : relayError('invalid_request', { message: 'The request body broke off.', cause: error })
  }
  finally {
    signal.removeEventListener('abort', stop)
  }
}
