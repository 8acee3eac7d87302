import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createGzip } from 'node:zlib'
import type { Front } from './fake-upstream'
import type { Channel } from './play'

/** Where a fake upstream listens. */
export interface ListenOptions {
  /** @default 0: any free port */
  port?: number
  /** @default '127.0.0.1' */
  host?: string
  /** PEM texts; with them the port speaks HTTPS. */
  tls?: { key: string, cert: string }
}

/** A fake upstream on a port. */
export interface Listening {
  /** `http://127.0.0.1:PORT`. Any base path below it will do; `/v1` is what clients expect. */
  url: string
  port: number
  /** TCP connections accepted so far. */
  readonly connections: number
  /** Breaks the answers under way and frees the port. */
  close: () => Promise<void>
}

type Handle = (front: Front) => Promise<void>

/** The way in by real HTTP/1.1, where connections can really be cut and reset. */
export async function listen(handle: Handle, { port = 0, host = '127.0.0.1', tls }: ListenOptions = {}): Promise<Listening> {
  const server = tls ? createSecureServer(tls) : createServer()
  const numbers = new WeakMap<object, number>()
  let connections = 0
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    numbers.set(socket, connections++)
    socket.on('error', () => {}) // a caller that leaves is no failure of the upstream: 'close' follows
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void handle(openFront(request, response, numbers.get(request.socket)))
  })
  // How long a request may take is for the test to say.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo // an IP socket has this shape; only pipes have another
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    get connections() { return connections },
    close: () => close(server),
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve()) // its error says that the server was closed before: as good
    server.closeAllConnections()
  })
}

function openFront(request: IncomingMessage, response: ServerResponse, connection: number | undefined): Front {
  const gone = new AbortController()
  const { socket } = request
  response.on('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  return {
    head: {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      connection,
    },
    readText: () => readText(request),
    start(answer) {
      response.writeHead(answer.status ?? 200, answer.headers)
      response.flushHeaders()
      return answer.gzip ? gzipChannel(response) : responseChannel(response)
    },
    startRaw: () => socketChannel(socket),
    breakOff: () => socket.destroy(),
    signal: gone.signal,
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function responseChannel(response: ServerResponse): Channel {
  const socket = response.socket! // only null once the response is over
  return {
    send: chunk => response.write(chunk) ? undefined : once(response, 'drain'),
    end: () => new Promise<void>((resolve) => { response.end(resolve) }),
    async cut(inside) {
      await flushed()
      if (inside) {
        // [spec] https://datatracker.ietf.org/doc/html/rfc9112#section-7.1: a chunk that announces more than it brings.
        if (response.chunkedEncoding) socket.write(`${(inside.byteLength * 2).toString(16)}\r\n`)
        socket.write(inside)
      }
      socket.end()
    },
    reset: () => reset(socket),
  }
}

/** The same through gzip. Each chunk is flushed, as servers do that compress event streams. */
function gzipChannel(response: ServerResponse): Channel {
  const plain = responseChannel(response)
  const gzip = createGzip()
  gzip.pipe(response)
  return {
    ...plain,
    send: chunk => new Promise<void>((resolve) => {
      gzip.write(chunk)
      gzip.flush(resolve)
    }),
    end: () => new Promise<void>((resolve) => {
      response.once('finish', resolve)
      gzip.end()
    }),
  }
}

/** Writes past the server's own parser and formatter. */
function socketChannel(socket: Socket): Channel {
  return {
    send: chunk => socket.write(chunk) ? undefined : once(socket, 'drain'),
    end: () => new Promise<void>((resolve) => { socket.end(resolve) }),
    async cut(inside) {
      if (inside) socket.write(inside)
      socket.end()
    },
    reset: () => reset(socket),
  }
}

async function reset(socket: Socket): Promise<void> {
  await flushed()
  // Node resets TCP sockets only; a TLS socket that is destroyed leaves without its closing alert, which is as abrupt.
  if ('encrypted' in socket) socket.destroy()
  else socket.resetAndDestroy()
}

/** What was written in this turn leaves at its end; a socket that is closed sooner would take it along. */
function flushed(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}
