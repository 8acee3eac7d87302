import type { H3Event } from 'h3'
import type { Exchange } from '../relay/exchange'
import { toNodeExchange } from '../relay/node/listener'

/** ADAPTER, h3 v1: a request of Nitro's in the relay's words. */
export function toExchange(event: H3Event): Exchange {
  const { req, res } = event.node
  // The head goes out only with the first bytes: until then h3 would take a returning handler for one that found nothing.
  event._handled = true
  return toNodeExchange(req, res, { event, waitUntil: promise => event.waitUntil(promise) })
}
