import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** A client on a bare socket, for what no HTTP client would do. */
export interface ClientSocket {
  socket: Socket
  /** Everything that came so far. */
  received: () => string
  /** Resolves when what came satisfies `enough`; rejects when the connection closes before. */
  until: (enough: (received: string) => boolean) => Promise<string>
  /** Resolves with everything when the connection is closed. */
  closed: Promise<string>
}

export function openSocket(url: string): Promise<ClientSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let received = ''
  const waiting = new Set<() => void>()
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    received += chunk
    for (const look of waiting) look()
  })
  const closed = new Promise<string>((resolve) => { socket.on('close', () => resolve(received)) })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {}) // a reset is what some tests are about: `closed` tells of it
      resolve({
        socket,
        received: () => received,
        until: enough => new Promise((found, lost) => {
          const look = () => {
            if (!enough(received)) return
            waiting.delete(look)
            found(received)
          }
          waiting.add(look)
          void closed.then(() => lost(new Error(`The connection closed after:\n${received}`)))
          look()
        }),
        closed,
      })
    })
  })
}

/** Text of a POST; `body` may be shorter than its head says. */
export function postText(url: string, body: string, headers: Record<string, string> = {}): string {
  const { host, pathname } = new URL(url)
  const given = { host, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `POST ${pathname}/chat/completions HTTP/1.1\r\n${lines}\r\n${body}`
}

export const PROMPT = '{"stream":true,"messages":[{"role":"user","content":"Hi"}]}'
