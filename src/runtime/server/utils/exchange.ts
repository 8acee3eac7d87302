import type { H3Event } from 'h3'
import { getRequestIP, toWebRequest } from 'h3'
import type { Exchange } from '../relay/exchange'
import { toNodeExchange } from '../relay/node/listener'
import { toWebExchange } from '../relay/web/exchange'

/** A request of Nitro's in the relay's words. */
export interface NitroExchange {
  exchange: Exchange
  /** What the handler returns where there is no socket to write to. Never rejects. */
  response?: Promise<Response>
}

/**
 * ADAPTER, h3 v1: Node's own request and response where they are real, a web `Request` and `Response` elsewhere. `base` is the
 * app's base URL without its last slash.
 */
export function toExchange(event: H3Event, base = ''): NitroExchange {
  const { req, res } = event.node
  // Edge presets and requests from within the app bring mocks, which carry this mark. (The response to a request that was sent ahead
  // has no socket until the one before it has ended.)
  if (!req.socket || '__unenv__' in res) {
    return toWebExchange(withSignal(event), { ip: getRequestIP(event), waitUntil: promise => event.waitUntil(promise) }, event)
  }
  // The head goes out only with the first bytes: until then h3 would take a returning handler for one that found nothing.
  event._handled = true
  // Of `url` h3 has taken off the base. `originalUrl` would have it, and whatever path a server in front is mounted below as well.
  return { exchange: toNodeExchange(req, res, { event, waitUntil: event.context.waitUntil, url: `${base}${req.url ?? '/'}` }) }
}

/** Nitro makes its own request out of the platform's and leaves the signal behind that says when the reader is gone. */
function withSignal(event: H3Event): Request {
  const request = toWebRequest(event)
  const original: Request | undefined = event.context.cloudflare?.request
  return original ? new Request(request, { signal: original.signal }) : request
}
