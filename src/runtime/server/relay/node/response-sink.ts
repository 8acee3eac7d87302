import type { Sink } from '../sink'

/** What the sink needs of Node's `ServerResponse`. */
export interface NodeResponse {
  writeHead: (status: number, headers: Record<string, string>) => unknown
  write: (bytes: Uint8Array) => boolean
  end: () => unknown
  destroy: () => unknown
  on: (event: 'close' | 'error' | 'drain' | 'finish', listener: () => void) => unknown
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  readonly destroyed: boolean
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
export function createResponseSink(response: NodeResponse, socket: object | null = response.socket): Sink {
  const closed = new AbortController()
  let head: [status: number, headers: Record<string, string>] = [200, {}]
  let headSent = false
  let roomAgain: (() => void) | undefined

  response.on('close', () => {
    if (!response.writableEnded) closed.abort()
    settleDrained()
  })
  response.on('finish', settleDrained)
  response.on('drain', () => {
    if (!response.writableEnded) settleDrained()
  })
  // A failed write is followed by `close`, which says all there is to know.
  response.on('error', () => {})
  if ((response.destroyed && !response.writableEnded) || (socket && closing.has(socket))) closed.abort()

  return {
    head(status, headers) {
      head = [status, headers]
    },
    write(bytes) {
      if (response.writableEnded || response.destroyed) return true
      sendHead()
      return response.write(bytes)
    },
    drained() {
      if (response.writableFinished || response.destroyed) return Promise.resolve()
      // Waiting for `drain` alone would hang for ever when the client goes.
      return new Promise((resolve) => { roomAgain = resolve })
    },
    end() {
      if (response.writableEnded || response.destroyed) return
      sendHead()
      response.end()
    },
    destroy() {
      response.destroy()
    },
    closed: closed.signal,
  }

  function sendHead(): void {
    if (headSent) return
    headSent = true
    if (socket && head[1].connection === 'close') closing.add(socket)
    response.socket?.setNoDelay?.(true)
    response.writeHead(...head)
  }

  function settleDrained(): void {
    roomAgain?.()
    roomAgain = undefined
  }
}
