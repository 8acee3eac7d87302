import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RoundRobin {
  /** Origin, without a trailing slash. */
  url: string
  /** Number of the server that takes every request while it is set. */
  only: number | undefined
  /** Breaks every connection with a client, as a network that goes away does. */
  cut: () => void
  close: () => void
}

/** The plainest balancer there is: each request goes to the next of these servers, past those that refuse connections. */
export async function startRoundRobin(servers: readonly string[]): Promise<RoundRobin> {
  let next = 0
  const server = createServer((incoming, outgoing) => pass(incoming, outgoing, servers.length - 1))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const balancer: RoundRobin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    only: undefined,
    cut: () => server.closeAllConnections(),
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return balancer

  function pass(incoming: IncomingMessage, outgoing: ServerResponse, tries: number): void {
    const target = servers[balancer.only ?? next++ % servers.length]!
    const call = request(`${target}${incoming.url}`, { method: incoming.method, headers: incoming.headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    call.on('socket', socket => socket.on('connect', () => incoming.pipe(call))) // nothing is read before somebody takes it
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && tries > 0) pass(incoming, outgoing, tries - 1)
      else outgoing.destroy()
    })
    outgoing.on('close', () => call.destroy())
  }
}
