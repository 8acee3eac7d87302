import type { AddressInfo, Server, Socket } from 'node:net'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { onTestFinished } from 'vitest'

export interface RawServer {
  url: string
  /** Every connection so far. */
  sockets: Socket[]
  /** What arrived on each. */
  received: string[]
}

/** A TCP server on a free loopback port that answers by hand; `onRequest` is called when a whole request has arrived. */
export async function listenRaw(onRequest: (socket: Socket, count: number) => void, server: Server = createServer()): Promise<RawServer> {
  const sockets: Socket[] = []
  const received: string[] = []
  let requests = 0
  server.on('connection', (socket: Socket) => {
    const index = sockets.push(socket) - 1
    received[index] = ''
    let unread = ''
    socket.on('error', () => {}) // resets are the point
    socket.on('data', (bytes) => {
      received[index] += bytes.toString('latin1')
      unread += bytes.toString('latin1')
      for (let end = requestEnd(unread); end > 0; end = requestEnd(unread)) {
        unread = unread.slice(end)
        onRequest(socket, ++requests)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, received }
}

function requestEnd(text: string): number {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return 0
  const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0)
  return text.length >= head + 4 + length ? head + 4 + length : 0
}

/** Head of a chunked SSE answer. */
export const SSE_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

/** One chunk of HTTP's chunked coding; of nothing it is the last. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
