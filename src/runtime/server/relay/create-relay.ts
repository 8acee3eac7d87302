import type { CreateRelayOptions, RelayClose } from './relay-options'
import { createRelayCore } from './relay'
import { readRelayOptions } from './relay-options'
import type { WebContext } from './web/exchange'
import { toWebExchange } from './web/exchange'
import { createFetchTransport } from './web/fetch-transport'

/** Answers a request. Never rejects. */
export interface RelayHandler extends RelayClose {
  (request: Request, context?: WebContext): Promise<Response>
}

/**
 * The relay for any server that takes a `Request` and gives a `Response`: Hono, Bun, Deno, Workers. Throws when there is neither
 * an `authorize` nor `public: true`, and for options that make no sense.
 *
 * @example
 * import { createRelay } from 'nuxt-llm-stream/relay'
 *
 * const relay = createRelay({
 *   upstreams: { default: { provider: 'openai', apiKey: process.env.OPENAI_API_KEY, models: ['gpt-5-mini'] } },
 *   authorize: request => request.headers.get('x-user') ? { subject: request.headers.get('x-user')! } : null,
 * })
 * const response = await relay(new Request('http://localhost/api/llm/chat/completions', { method: 'POST', body: '{}' }))
 */
export function createRelay<TEvent = Request>(options: CreateRelayOptions<TEvent>): RelayHandler {
  const { handle, close } = createRelayCore({ ...readRelayOptions(options), transport: createFetchTransport() })
  const relay = (request: Request, context: WebContext = {}) => {
    const { exchange, response } = toWebExchange(request, context)
    const over = handle(exchange)
    context.waitUntil?.(over)
    return response
  }
  return Object.assign(relay, { close })
}
