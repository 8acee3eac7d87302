import type { Exchange } from '../exchange'
import type { EndSignal } from '../light-signal'
import type { ClientSink } from '../sink'
import type { Transport } from '../transport'
import type { NodeResponse } from './response-sink'
import { readBody } from './request-body'
import { leaveBody } from './unwanted-body'
import { createResponseSink } from './response-sink'

/** What the relay needs of Node's `IncomingMessage`. `undefined` is named, since to `exactOptionalPropertyTypes` it is a value. */
export interface NodeRequest {
  method?: string | undefined
  url?: string | undefined
  headers: Record<string, string | string[] | undefined>
  socket: { remoteAddress?: string | undefined, encrypted?: boolean | undefined } | null
  /** Whether the body was read before, by a parser of the server's. */
  readableEnded?: boolean
  /** What that parser made of it. */
  body?: unknown
  on: Listen
  off: Listen
  pause: () => unknown
  resume: () => unknown
  destroy: () => unknown
  /** The whole body has arrived. */
  readonly complete?: boolean
}

interface Listen {
  (event: 'data', listener: (chunk: Uint8Array) => void): unknown
  (event: 'end' | 'close', listener: () => void): unknown
  (event: 'error', listener: (error: Error) => void): unknown
}

type Given = Partial<Pick<Exchange, 'url' | 'address' | 'event' | 'waitUntil'>>

/** An exchange over Node's own request and response; `given` replaces what a framework knows better. */
export function toNodeExchange(request: NodeRequest, response: NodeResponse, given: Given = {}): Exchange {
  return new NodeExchange(request, createResponseSink(response, request), given)
}

/** A class, since every open stream has one. */
class NodeExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Exchange['headers']
  readonly scheme: Exchange['scheme']
  readonly address: string | undefined
  readonly event: unknown
  readonly waitUntil: Exchange['waitUntil']

  constructor(private readonly request: NodeRequest, readonly sink: ClientSink, { url, address, event, waitUntil }: Given) {
    const { method = 'GET', headers, socket } = request
    this.method = method
    this.url = url ?? request.url ?? '/'
    this.headers = joinHeaders(headers)
    this.scheme = socket?.encrypted ? 'https' : 'http'
    this.address = address ?? socket?.remoteAddress
    this.event = event ?? request
    this.waitUntil = waitUntil
  }

  readBody(limit: number, signal: EndSignal): Promise<Uint8Array> {
    return readBody(this.request, limit, signal)
  }

  leaveBody(): void {
    leaveBody(this.request, (whole) => {
      if (!whole) this.request.destroy()
    })
  }
}

/** The transport over Node's sockets, loaded when it is first asked for: this file is also bundled where there is no `node:`. */
export async function loadNodeTransport(): Promise<Transport> {
  const { createNodeTransport } = await import('./transport')
  return createNodeTransport()
}

/** Node itself has joined all but `set-cookie`, which no request carries: copied only where that is not so. */
function joinHeaders(headers: NodeRequest['headers']): Record<string, string | undefined> {
  if (!Object.values(headers).some(Array.isArray)) return headers as Record<string, string | undefined> // no arrays, as was seen
  const joined: Record<string, string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return joined
}
