import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { endWithUs } from './end-with-us'

/** A built Nuxt server in a process of its own. */
export interface BuiltServer {
  /** Origin, without a trailing slash. */
  url: string
  process: ChildProcess
  /** Everything it wrote to stdout and stderr so far. */
  output: () => string
  /** Ends it with SIGTERM, or another signal, and gives its exit code once it is gone. */
  close: (signal?: NodeJS.Signals) => Promise<number | null>
}

export interface ServerOptions {
  /** Folder of the built app. */
  app: string
  /**
   * What is run, seen from that folder.
   * @default '.output/server/index.mjs'
   */
  entry?: string
  /**
   * The executable that runs it.
   * @default the Node that runs this
   */
  node?: string
  /** Its arguments, before what is run. */
  flags?: readonly string[]
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>
}

/** Starts a built app on a free loopback port and waits until it listens. */
export async function startServer({ app, entry = '.output/server/index.mjs', node = process.execPath, flags = [], env }: ServerOptions): Promise<BuiltServer> {
  const child = spawn(node, [...flags, join(app, entry)], {
    cwd: app,
    env: { ...process.env, HOST: '127.0.0.1', PORT: '0', NITRO_SHUTDOWN_TIMEOUT: '5000', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  endWithUs(child)
  let output = ''
  const deadline = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const url = await new Promise<string>((resolve, reject) => {
    const read = (bytes: Buffer) => {
      output += bytes
      const listening = /Listening (?:on:? )?(?:http:\/\/)?([\w.[\]-]+:\d+)/.exec(output)
      if (listening) resolve(`http://${listening[1]}`)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', code => reject(new Error(`The server ended with code ${code} before it said where it listens:\n${output}`)))
  }).finally(() => clearTimeout(deadline))
  return {
    url,
    process: child,
    output: () => output,
    async close(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
      return child.exitCode
    },
  }
}
