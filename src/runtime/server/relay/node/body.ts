import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { StreamError } from '../../../shared/errors'
import { relayError } from '../failures'
import type { BodyListener, TransportBody } from '../transport'
import { decode } from './decode'

/** How long a body may take to end by itself once nothing more is wanted of it, so that its connection can be used again. */
const LEAVE_MS = 50

/** The body of an answer of `node:http`, inflated where it was compressed. */
export class NodeBody implements TransportBody {
  private readonly source: Readable
  private listener: BodyListener | undefined
  private failure: StreamError | undefined
  private over = false
  private leaving: ReturnType<typeof setTimeout> | undefined

  /** Throws for an encoding that is not known. */
  constructor(private readonly request: ClientRequest, private readonly response: IncomingMessage) {
    this.source = decode(response)
    this.source.on('end', () => {
      this.settle()
      this.listener?.end()
    })
    this.source.on('error', (error) => {
      this.settle()
      this.failure = relayError('upstream_reset', { cause: error })
      this.listener?.fail(this.failure)
    })
  }

  start(listener: BodyListener): void {
    if (this.failure) return listener.fail(this.failure)
    this.listener = listener
    const onChunk = (bytes: Uint8Array): void => {
      if (this.listener) this.listener.chunk(bytes)
      else this.cancel()
    }
    if (this.isPlain) stepOver(this.response, onChunk)
    this.source.on('data', onChunk)
  }

  // After its end the socket may already serve another request.
  pause(): void {
    if (this.over) return
    if (this.isPlain) this.response.socket.pause()
    else this.source.pause()
  }

  resume(): void {
    if (this.over) return
    if (this.isPlain) this.response.socket.resume()
    else this.source.resume()
  }

  finish(): void {
    if (this.over) return
    this.listener = undefined
    this.leaving = setTimeout(() => this.cancel(), LEAVE_MS)
    this.leaving.unref()
    this.resume()
  }

  cancel(): void {
    this.listener = undefined
    clearTimeout(this.leaving)
    if (!this.over) this.request.destroy()
  }

  private get isPlain(): boolean {
    return this.source === this.response
  }

  private settle(): void {
    this.over = true
    clearTimeout(this.leaving)
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
