import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const app = fileURLToPath(new URL('../app', import.meta.url))

/** Builds the app of this folder for production. */
export async function buildApp() {
  const nuxt = dirname(createRequire(join(app, 'package.json')).resolve('nuxt/package.json'))
  await promisify(execFile)(process.execPath, [join(nuxt, 'bin/nuxt.mjs'), 'build', app], {
    cwd: app, env: { ...process.env, NODE_ENV: 'production', NUXT_TELEMETRY_DISABLED: '1' }, maxBuffer: 64 << 20,
  })
}

/** Runs the built server within this process, in front of an upstream, and gives its port once it listens. */
export async function runApp(upstreamUrl, env = {}) {
  const port = await freePort()
  Object.assign(process.env, {
    NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port),
    NITRO_SHUTDOWN_DISABLED: 'true', // it ends with whoever asked for it
    NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: `${upstreamUrl}/v1`, NUXT_LLM_STREAM_API_KEY: 'key',
    ...env,
  })
  await import(join(app, '.output/server/index.mjs'))
  while (!await listens(port)) await new Promise(resolve => setTimeout(resolve, 20))
  return port
}

function freePort() {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
