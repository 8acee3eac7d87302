import type { LookupAddress, LookupOptions } from 'node:dns'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { lookup } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Transport, TransportBody, TransportRequest, TransportResponse } from '../transport'
import { isLiteralAddress, isPrivateAddress } from '../addresses'
import { relayError } from '../failures'
import { toStreamError } from './errors'

export function createNodeTransport(): Transport {
  const http = new HttpAgent({ keepAlive: true, scheduling: 'lifo' })
  const https = new HttpsAgent({ keepAlive: true, scheduling: 'lifo' })

  return { open, close }

  function open(target: TransportRequest, signal: AbortSignal): Promise<TransportResponse> {
    const { url, headers, body, allowPrivate } = target
    if (!allowPrivate && isLiteralAddress(url.hostname) && isPrivateAddress(url.hostname.replace(/^\[|\]$/g, ''))) {
      return Promise.reject(relayError('upstream_address_blocked'))
    }
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const secure = url.protocol === 'https:'
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: target.method,
        headers: { ...headers, 'content-length': body.length },
        agent: secure ? https : http,
        lookup: allowPrivate ? lookup : lookupPublic,
        maxHeaderSize: 16 * 1024,
      })
      const stop = () => request.destroy(signal.reason)
      signal.addEventListener('abort', stop)
      const timer = setTimeout(() => request.destroy(relayError('upstream_timeout')), target.connectTimeout)
      request.on('socket', (socket) => {
        if (!socket.connecting) clearTimeout(timer)
        else socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(timer))
      })
      request.on('close', () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      })
      request.on('error', error => reject(signal.aborted ? signal.reason : toStreamError(error)))
      request.on('response', response => resolve({
        status: response.statusCode!,
        headers: joinHeaders(response),
        body: createBody(request, response, signal),
      }))
      request.end(body)
    })
  }

  async function close(): Promise<void> {
    http.destroy()
    https.destroy()
  }
}

function createBody(request: ClientRequest, response: IncomingMessage, signal: AbortSignal): TransportBody {
  return {
    start({ chunk, end, fail }) {
      response.on('data', chunk)
      response.on('end', end)
      response.on('error', error => fail(signal.aborted ? signal.reason : relayError('upstream_reset', { cause: error })))
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    cancel() {
      response.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error')
      response.on('error', () => {})
      request.destroy()
    },
  }
}

function joinHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']))
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** `dns.lookup` that knows no private address: what passes is what is connected to, so a second lookup cannot change it. */
function lookupPublic(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, [])
    const addresses = found.filter(({ address }) => !isPrivateAddress(address))
    const [first] = addresses
    if (!first) return callback(relayError('upstream_address_blocked'), [])
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
