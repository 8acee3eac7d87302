import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUs } from './end-with-us'
import { NGINX, requireProgram } from './programs'

export interface Nginx {
  url: string
  close: () => Promise<void>
}

export interface NginxOptions {
  /** Origin that everything is passed on to. */
  upstream: string
  /** Directives of the `http` block. */
  http?: string
  /** Directives of the one `location`. */
  location?: string
}

/** Starts an nginx of its own in front of a server, on a free loopback port. */
export async function startNginx({ upstream, http = '', location = '' }: NginxOptions): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'))
  const port = await freePort()
  const config = `
    daemon off; master_process off; pid nginx.pid; error_log stderr warn;
    events {}
    http {
      access_log off;
      ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${kind};`).join(' ')}
      ${http}
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass ${upstream}; proxy_http_version 1.1; ${location} }
      }
    }`
  await writeFile(join(folder, 'nginx.conf'), config)
  const child = spawn(requireProgram(NGINX), ['-p', folder, '-c', 'nginx.conf'], { stdio: ['ignore', 'ignore', 'pipe'] })
  endWithUs(child)
  let output = ''
  child.stderr.on('data', (text) => { output += text })
  const ended = once(child, 'exit')
  while (!await accepts(port)) {
    if (child.exitCode !== null) throw new Error(`nginx ended before it listened:\n${output}`)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      child.kill()
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true))
    socket.on('error', () => setTimeout(resolve, 20, false))
    socket.on('connect', () => socket.destroy())
  })
}
