import type { Exchange } from '../exchange'
import type { Transport } from '../transport'
import type { NodeResponse } from './response-sink'
import { relayError } from '../failures'
import { createResponseSink } from './response-sink'

/** What the relay needs of Node's `IncomingMessage`. */
export interface NodeRequest {
  method?: string
  url?: string
  headers: Record<string, string | string[] | undefined>
  socket: { remoteAddress?: string, encrypted?: boolean } | null
  /** Whether the body was read before, by a parser of the server's. */
  readableEnded?: boolean
  /** What that parser made of it. */
  body?: unknown
  on: Listen
  off: Listen
  pause: () => unknown
}

interface Listen {
  (event: 'data', listener: (chunk: Uint8Array) => void): unknown
  (event: 'end', listener: () => void): unknown
  (event: 'error', listener: (error: Error) => void): unknown
}

/** An exchange over Node's own request and response; `given` replaces what a framework knows better. */
export function toNodeExchange(
  request: NodeRequest, response: NodeResponse, given: Partial<Pick<Exchange, 'url' | 'address' | 'event' | 'waitUntil'>> = {},
): Exchange {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: joinHeaders(request.headers),
    scheme: request.socket?.encrypted ? 'https' : 'http',
    address: request.socket?.remoteAddress,
    event: request,
    ...given,
    readBody: (limit, signal) => readBody(request, limit, signal),
    sink: createResponseSink(response, request.socket),
  }
}

/** The transport over Node's sockets, loaded when it is first asked for: this file is also bundled where there is no `node:`. */
export async function loadNodeTransport(): Promise<Transport> {
  const { createNodeTransport } = await import('./transport')
  return createNodeTransport()
}

function joinHeaders(headers: NodeRequest['headers']): Record<string, string | undefined> {
  const joined: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}

function readBody(request: NodeRequest, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    if (signal.aborted) return reject(signal.reason)
    if (request.readableEnded) return resolve(readParsed(request.body, limit))

    signal.addEventListener('abort', onAbort)
    request.on('data', onData)
    request.on('end', onEnd)
    request.on('error', onError)

    function onData(chunk: Uint8Array) {
      length += chunk.length
      if (length > limit) leave(relayError('body_too_large'))
      else chunks.push(chunk)
    }
    function onEnd() {
      forget()
      resolve(concat(chunks, length))
    }
    function onError(cause: unknown) {
      leave(signal.aborted ? signal.reason : relayError('invalid_request', { message: 'The request body broke off.', cause }))
    }
    function onAbort() {
      leave(signal.reason)
    }
    /** What has not been read stays where it is: it is not taken, and with it the connection cannot be used again. */
    function leave(reason: unknown) {
      forget()
      request.pause()
      reject(reason)
    }
    function forget() {
      signal.removeEventListener('abort', onAbort)
      request.off('data', onData)
      request.off('end', onEnd)
      request.off('error', onError)
    }
  })
}

/** The bytes of a body that was parsed before it came to us: there is nothing left to read of it. */
function readParsed(body: unknown, limit: number): Uint8Array {
  if (body === undefined) {
    throw relayError('not_configured', { message: 'The request body was read before the relay saw it: mount the relay before body parsers.' })
  }
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
  if (bytes.length > limit) throw relayError('body_too_large')
  return bytes
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}
