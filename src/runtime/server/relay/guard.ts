import { HEADERS } from '../../shared/wire'
import { ownOrigin } from './client'
import type { Exchange } from './exchange'
import { relayError } from './failures'

export interface OriginRules {
  /** Other origins that may call. */
  origins: ReadonlySet<string>
  trustProxy: number
}

/**
 * Refuses what a foreign page could make a browser send with its user's cookies (relay.md §2, step 2). Throws
 * `origin_not_allowed`.
 */
export function guardOrigin(exchange: Exchange, { origins, trustProxy }: OriginRules): void {
  const { headers } = exchange
  const { origin } = headers
  if (origin !== undefined && origins.has(origin)) return
  const site = headers['sec-fetch-site']
  // [spec] https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header: set by the browser, out of reach of a page's script.
  if (site !== undefined) {
    if (site === 'same-origin') return
  }
  else if (origin !== undefined) {
    if (origin === ownOrigin(exchange, trustProxy)) return
  }
  else if (headers.authorization !== undefined || headers[HEADERS.requestedWith] !== undefined || headers.cookie === undefined) {
    return
  }
  throw relayError('origin_not_allowed')
}

/** A form can post `text/plain` to another origin without asking, but not JSON. Throws `unsupported_media_type`. */
export function guardContentType({ headers }: Exchange): void {
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) throw relayError('unsupported_media_type')
}

/** CORS headers of an answer to an allow-listed origin; none for any other. `[spec]` https://fetch.spec.whatwg.org/#http-cors-protocol */
export function corsHeaders({ headers: { origin } }: Exchange, origins: ReadonlySet<string>): Record<string, string> {
  if (origin === undefined || !origins.has(origin)) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': exposedHeaders,
  }
}

/**
 * Headers of the answer to a preflight of a listed origin, beside {@link corsHeaders}. It may send any header that it asks for:
 * the app's `authorize` may want one, and official clients bring their own. Outside of a browser anybody may send them anyway.
 */
export function preflightHeaders(methods: readonly string[], asked = ''): Record<string, string> {
  return {
    'access-control-allow-methods': methods.join(', '),
    ...(asked && { 'access-control-allow-headers': asked }),
    'access-control-max-age': '7200',
  }
}

const exposedHeaders = [HEADERS.requestId, HEADERS.streamId, HEADERS.resumable, 'x-should-retry', 'retry-after', 'retry-after-ms'].join(', ')
