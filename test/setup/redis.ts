import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis, type RedisOptions } from 'ioredis'
import { endWithUs } from './end-with-us'
import { REDIS_SERVER, requireProgram } from './programs'

/** A Redis server of the test's own: on a free loopback port, its data in memory only. */
export interface RedisServer {
  port: number
  url: string
  /** A client, closed with the server. */
  client: (options?: RedisOptions) => Redis
  /** Ends it at once, as a crash would. */
  kill: () => Promise<void>
  /** Starts it again on the same port, empty. */
  restart: () => Promise<void>
  /** Holds it still, so that connections stay open and nothing answers, until `thaw`. */
  freeze: () => void
  thaw: () => void
  close: () => Promise<void>
}

/** Starts a real Redis; further arguments are its own, such as `--maxmemory 4mb`. */
export async function startRedis(...parameters: string[]): Promise<RedisServer> {
  return startServer(await mkdtemp(join(tmpdir(), 'redis-')), ['--save', '', '--appendonly', 'no', ...parameters], 'Ready to accept connections')
}

/** Starts a real Sentinel that watches the server on this port by the name `main`, and soon replaces it when it is gone. */
export async function startSentinel(master: number): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-'))
  const settings = join(folder, 'sentinel.conf') // which it writes to
  await writeFile(settings, [
    `sentinel monitor main 127.0.0.1 ${master} 1`, 'sentinel down-after-milliseconds main 500', 'sentinel failover-timeout main 2000',
  ].join('\n'))
  return startServer(folder, [settings, '--sentinel'], 'Sentinel ID is')
}

async function startServer(folder: string, parameters: readonly string[], ready: string): Promise<RedisServer> {
  const program = requireProgram(REDIS_SERVER)
  const port = await freePort()
  const clients = new Set<Redis>()
  let child = await start()

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    client(options) {
      const client = new Redis({ port, ...options })
      client.on('error', () => {}) // tests kill the server on purpose
      clients.add(client)
      return client
    },
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      child = await start()
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async close() {
      for (const client of clients) client.disconnect()
      await end(child, 'SIGKILL')
      await rm(folder, { recursive: true })
    },
  }

  async function start(): Promise<ChildProcess> {
    const child = spawn(program, [...parameters, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    endWithUs(child)
    let output = ''
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on('data', (bytes: Buffer) => {
        output += bytes
        if (output.includes(ready)) resolve()
      })
      child.once('exit', code => reject(new Error(`redis-server ended with code ${code}:\n${output}`)))
    })
    return child
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Waits until a condition holds, looking every few milliseconds. */
export async function until(condition: () => unknown): Promise<void> {
  while (!await condition()) await sleep(5)
}
