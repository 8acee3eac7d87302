import { isStreamError } from '../../../shared/errors'
import { isLiteralAddress, isPrivateAddress } from '../addresses'
import { relayError } from '../failures'
import { onAbort } from '../light-signal'
import { toStreamError } from '../network-errors'
import type { Transport, TransportResponse } from '../transport'
import { createFetchBody } from './fetch-body'

/** What the transport needs of `fetch`. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>

/**
 * The transport over `fetch`, for every runtime without Node's sockets. It looks no name up itself, so it can refuse private
 * addresses only where the URL spells them, and `localhost`. The connect deadline is not its own: `firstByte` covers it.
 */
export function createFetchTransport(fetch: Fetch = (url, init) => globalThis.fetch(url, init)): Transport {
  return {
    async open({ url, method, headers, body, allowPrivate }, signal) {
      signal.throwIfAborted()
      if (!allowPrivate && isPrivateHost(url.hostname)) throw relayError('upstream_address_blocked')
      const call = new AbortController()
      const unlink = onAbort(signal, () => call.abort(signal.reason))
      try {
        const response = await fetch(url, { method, headers, body: body as BodyInit, redirect: 'manual', signal: call.signal })
        return { status: statusOf(response), headers: Object.fromEntries(response.headers), body: createFetchBody(response.body, call) }
      }
      catch (error) {
        throw signal.aborted ? signal.reason : isStreamError(error) ? error : toStreamError(error)
      }
      finally {
        unlink()
      }
    },
  }
}

function isPrivateHost(hostname: string): boolean {
  if (isLiteralAddress(hostname)) return isPrivateAddress(hostname.replace(/^\[|\]$/g, ''))
  return /(?:^|\.)localhost\.?$/i.test(hostname)
}

/** [spec] A redirect that is not followed has no status where `fetch` is a browser's: https://fetch.spec.whatwg.org/#concept-filtered-response-opaque-redirect */
function statusOf(response: Response): TransportResponse['status'] {
  return response.type === 'opaqueredirect' ? 302 : response.status
}
