import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'
import { nuxtCli } from './nuxt'

/** A development server in a process group of its own. */
export interface DevServer {
  /** Origin, without a trailing slash. */
  url: string
  close: () => Promise<void>
}

export interface DevOptions {
  /** Folder of the app. */
  app: string
  env?: Record<string, string>
  /** Milliseconds that it may take to start. @default 50000, which a single test has time for */
  patience?: number
}

/** Runs `nuxt dev` on a free loopback port and waits until it serves pages. */
export async function startDev({ app, env, patience = 50_000 }: DevOptions): Promise<DevServer> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [nuxtCli(app), 'dev', app, '--port', String(port), '--host', '127.0.0.1', '--no-fork'], {
    env: { ...process.env, NODE_ENV: 'development', NUXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: 'ignore',
    detached: true, // its own group: the CLI's children end with it
  })
  const close = async () => {
    if (child.exitCode !== null) return
    const exited = once(child, 'exit')
    process.kill(-child.pid!, 'SIGTERM')
    await exited
  }
  try {
    await vi.waitUntil(() => serves(url), { timeout: patience, interval: 200 })
  }
  catch (error) {
    await close()
    throw error
  }
  return { url, close }
}

/** Until the first build is done a loading screen is served, with a status of its own. */
async function serves(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  }
  catch {
    return false // not listening yet
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
