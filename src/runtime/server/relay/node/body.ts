import type { ClientRequest, IncomingMessage } from 'node:http'
import { relayError } from '../failures'
import type { BodyListener, TransportBody } from '../transport'
import { decode } from './decode'

/** How long a body may take to end by itself once nothing more is wanted of it, so that its connection can be used again. */
const LEAVE_MS = 50

/** The body of an answer of `node:http`, inflated where it was compressed. */
export function createBody(request: ClientRequest, response: IncomingMessage, signal: AbortSignal): TransportBody {
  const source = decode(response)
  const plain = source === response
  let listener: BodyListener | undefined
  let failure: { reason: unknown } | undefined
  let over = false
  let leaving: ReturnType<typeof setTimeout> | undefined

  source.on('end', () => {
    over = true
    clearTimeout(leaving)
    listener?.end()
  })
  source.on('error', (error) => {
    over = true
    clearTimeout(leaving)
    failure = { reason: signal.aborted ? signal.reason : relayError('upstream_reset', { cause: error }) }
    listener?.fail(failure.reason)
  })

  return { start, pause, resume, finish, cancel }

  function start(given: BodyListener): void {
    if (failure) return given.fail(failure.reason)
    listener = given
    if (plain) stepOver(response, onChunk)
    source.on('data', onChunk)
  }

  function onChunk(bytes: Uint8Array): void {
    if (listener) listener.chunk(bytes)
    else cancel()
  }

  // After its end the socket may already serve another request.
  function pause(): void {
    if (over) return
    if (plain) response.socket.pause()
    else source.pause()
  }

  function resume(): void {
    if (over) return
    if (plain) response.socket.resume()
    else source.resume()
  }

  function finish(): void {
    if (over) return
    listener = undefined
    leaving = setTimeout(cancel, LEAVE_MS)
    leaving.unref()
    resume()
  }

  function cancel(): void {
    listener = undefined
    clearTimeout(leaving)
    if (!over) request.destroy()
  }
}

/**
 * Hands a body's chunks on as the parser finds them, past the queue and the events of `Readable`: 3.2 instead of 3.7 µs of CPU
 * per event at full speed, where a bare pipe takes 3.3. The end goes its usual way, since the agent waits for it.
 */
function stepOver(response: IncomingMessage, onChunk: (bytes: Uint8Array) => void): void {
  for (let bytes = response.read() as Uint8Array | null; bytes; bytes = response.read() as Uint8Array | null) onChunk(bytes)
  const push = response.push
  response.push = (bytes: Uint8Array | null) => {
    if (bytes === null) return push.call(response, null)
    onChunk(bytes)
    return true
  }
}
