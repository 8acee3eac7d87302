import { concat } from '../body-reader'
import { relayError } from '../failures'
import type { EndSignal } from '../light-signal'
import type { NodeRequest } from './listener'

/** Reads a request's body into memory; rejects as `Exchange.readBody` says. */
export function readBody(request: NodeRequest, limit: number, signal: EndSignal): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let length = 0
    if (signal.aborted) return reject(signal.reason)
    if (request.readableEnded) return resolve(readParsed(request, limit))

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
      resolve(concat(chunks))
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

/** Where h3 1.x keeps the bytes of a body that the app has read: in a middleware that looks at each, or in `authorize`. */
const H3_BODY = Symbol.for('h3RawBody')

/** The bytes of a body that was read before it came to us: there is nothing left to read of it. */
async function readParsed(request: NodeRequest & { [H3_BODY]?: Promise<Uint8Array> }, limit: number): Promise<Uint8Array> {
  const body = request.body ?? await request[H3_BODY]
  if (body === undefined) {
    throw relayError('not_configured', { message: 'The request body was read before the relay saw it: mount the relay before body parsers.' })
  }
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
  if (bytes.length > limit) throw relayError('body_too_large')
  return bytes
}
