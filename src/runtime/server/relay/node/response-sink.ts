import type { ClientListener, ClientSink } from '../sink'
import type { NodeRequest } from './listener'
import { leaveBody } from './unwanted-body'

/** What the sink needs of Node's `ServerResponse`. */
export interface NodeResponse {
  writeHead: (status: number, headers: Record<string, string>) => unknown
  write: (bytes: Uint8Array) => boolean
  end: () => unknown
  destroy: () => unknown
  on: (event: 'close' | 'error' | 'drain' | 'finish', listener: (this: NodeResponse) => void) => unknown
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
  /** The head, once it is written. Not public: only looked at, and nothing is lost where it is missing. */
  readonly _header?: unknown
  readonly socket: { setNoDelay?: (on: boolean) => unknown } | null
}

/**
 * Sockets that close after the answer that is under way, since a part of a refused body is still in them. Node reads on until
 * the socket is gone, and would have a request served that waits behind that body.
 */
const closing = new WeakSet<object>()

/**
 * Writes to a Node response, past whatever framework made it.
 *
 * The client is gone when the *response* closes before it was ended. The request's `close` says nothing: Node fires it as
 * soon as the body of a POST has been read.
 */
export function createResponseSink(response: NodeResponse, request: NodeRequest): ClientSink {
  return new ResponseSink(response, request)
}

type Head = [status: number, headers: Record<string, string>]

/** Where a response keeps its sink, for listeners that all responses share. */
const SINK = Symbol('sink')

type OwnResponse = NodeResponse & { [SINK]?: ResponseSink }

/** A class, since every open stream has one. */
class ResponseSink implements ClientSink {
  /** Until it is sent. */
  private unsent: Head | undefined = [200, {}]
  private roomAgain: (() => void) | undefined
  private gone = false
  /** The connection is to close behind the answer: a part of a refused body is still in it. */
  private closes = false
  private listener: ClientListener | undefined

  constructor(private readonly response: OwnResponse, private readonly request: NodeRequest) {
    const { socket } = request
    response[SINK] = this
    response.on('close', onClose)
    response.on('finish', onFinish)
    response.on('drain', onDrain)
    // A failed write is followed by `close`, which says all there is to know.
    response.on('error', nothing)
    if ((response.destroyed && !response.writableEnded) || (socket && closing.has(socket))) this.leave()
  }

  onGone(listener: ClientListener): void {
    this.listener = listener
    if (this.gone) listener.onGone()
  }

  head(status: number, headers: Record<string, string>): void {
    if (this.unsent) this.unsent = [status, headers]
  }

  write(bytes: Uint8Array): boolean {
    const { response } = this
    if (response.writableEnded || response.destroyed) return true
    if (this.unsent) this.sendHead(this.unsent)
    return response.write(bytes)
  }

  drained(): Promise<void> {
    if (this.response.writableFinished || this.response.destroyed) return Promise.resolve()
    // Waiting for `drain` alone would hang for ever when the client goes.
    return new Promise((resolve) => { this.roomAgain = resolve })
  }

  end(): void {
    if (this.response.writableEnded || this.response.destroyed) return
    if (this.unsent) this.sendHead(this.unsent)
    if (this.closes) leaveBody(this.request, () => this.response.end())
    else this.response.end()
  }

  destroy(): void {
    this.response.destroy()
  }

  private sendHead(head: Head): void {
    this.unsent = undefined
    this.closes = head[1].connection === 'close'
    if (this.closes && this.request.socket) closing.add(this.request.socket)
    this.response.socket?.setNoDelay?.(true)
    this.response.writeHead(...head)
    join(this.response._header)
  }

  leave(): void {
    if (this.gone) return
    this.gone = true
    this.listener?.onGone()
  }

  settleDrained(): void {
    this.roomAgain?.()
    this.roomAgain = undefined
  }
}

function onClose(this: OwnResponse): void {
  if (!this.writableEnded) this[SINK]?.leave()
  this[SINK]?.settleDrained()
}

function onFinish(this: OwnResponse): void {
  this[SINK]?.settleDrained()
}

function onDrain(this: OwnResponse): void {
  if (!this.writableEnded) this[SINK]?.settleDrained()
}

/**
 * Node keeps the head for as long as the answer takes, and V8 keeps it as the dozens of pieces that it was put together from, until
 * somebody looks into it: a kilobyte of every open stream.
 */
function join(text: unknown): void {
  if (typeof text === 'string') text.charCodeAt(0)
}

function nothing(): void {}
