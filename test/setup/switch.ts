import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'

/** A TCP port that stands for another one, as a name in DNS does: connections stay where they are when it changes. */
export interface Switch {
  port: number
  /** Where new connections go. */
  target: number
  /** Makes the connections there are carry nothing any more, without a word. */
  silence: () => void
  close: () => void
}

export async function startSwitch(target: number): Promise<Switch> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(result.target, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const result: Switch = {
    port: (server.address() as AddressInfo).port,
    target,
    silence() {
      for (const socket of sockets) socket.unpipe().resume()
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
  return result
}
