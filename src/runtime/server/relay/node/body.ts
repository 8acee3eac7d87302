import type { ClientRequest, IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { relayError } from '../failures'
import type { BodyListener, TransportBody } from '../transport'
import { decode } from './decode'

/** How long a body may take to end by itself once nothing more is wanted of it, so that its connection can be used again. */
const LEAVE_MS = 50

/** Where a stream keeps the body that it is the source of, for listeners that all streams share. */
const BODY = Symbol('body')

type Source = Readable & { [BODY]?: NodeBody }

/** The body of an answer of `node:http`, inflated where it was compressed. A class, since every open stream has one. */
export class NodeBody implements TransportBody {
  private readonly source: Source
  private listener: BodyListener | undefined
  private failure: unknown
  private over = false
  private leaving: ReturnType<typeof setTimeout> | undefined

  /** Throws for an encoding that is not known. */
  constructor(private readonly request: ClientRequest, private readonly response: IncomingMessage) {
    this.source = decode(response)
    this.source[BODY] = this
    this.source.on('end', onEnd)
    this.source.on('error', onError)
  }

  start(listener: BodyListener): void {
    if (this.failure) return listener.fail(this.failure)
    this.listener = listener
    if (this.isPlain) stepOver(this.response)
    this.source.on('data', onData)
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

  /** Bytes have come. */
  take(bytes: Uint8Array): void {
    if (this.listener) this.listener.chunk(bytes)
    else this.cancel()
  }

  /** The source has ended, or failed. */
  close(cause?: unknown): void {
    this.over = true
    clearTimeout(this.leaving)
    if (cause === undefined) return this.listener?.end()
    this.failure = relayError('upstream_reset', { cause })
    this.listener?.fail(this.failure)
  }

  private get isPlain(): boolean {
    return this.source === this.response
  }
}

function onData(this: Source, bytes: Uint8Array): void {
  this[BODY]!.take(bytes)
}

function onEnd(this: Source): void {
  this[BODY]!.close()
}

function onError(this: Source, cause: Error): void {
  this[BODY]!.close(cause)
}

/**
 * Hands a body's chunks on as the parser finds them, past the queue and the events of `Readable`: 3.2 instead of 3.7 µs of CPU
 * per event at full speed, where a bare pipe takes 3.3. The end goes its usual way, since the agent waits for it.
 */
function stepOver(response: IncomingMessage): void {
  for (let bytes = response.read() as Uint8Array | null; bytes; bytes = response.read() as Uint8Array | null) onData.call(response, bytes)
  response.push = push
}

function push(this: Source, bytes: Uint8Array | null): boolean {
  if (bytes === null) return Readable.prototype.push.call(this, null)
  onData.call(this, bytes)
  return true
}
