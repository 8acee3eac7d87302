import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveProgram, upstreamUrl } from '../../lib/serve.mjs'

/** Another program's byte pipe, with buffering off. */
const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'))
const port = await freePort()
writeFileSync(join(folder, 'nginx.conf'), `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr crit;
events { worker_connections 12000; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(kind => `${kind}_temp_path ${folder};`).join('\n  ')}
  upstream api { server ${upstreamUrl.replace('http://', '')}; keepalive 200; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location /api/llm/ {
      proxy_pass http://api/v1/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`)
const nginx = spawn(process.env.NGINX_PATH ?? 'nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' })
nginx.once('error', (error) => {
  console.error(`nginx could not be started (${error.message}): install it, or set NGINX_PATH.`)
  process.exit(1)
})
nginx.once('exit', () => process.exit(1))
process.once('exit', () => {
  nginx.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})
process.once('SIGTERM', () => process.exit())
await listening()
serveProgram(nginx.pid, port)

async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

async function listening() {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const up = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (up) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
