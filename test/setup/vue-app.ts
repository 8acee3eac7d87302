import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { build } from 'vite'
import { createRelayListener } from '../../src/runtime/server/relay'
import { createFakeUpstream } from '../../src/runtime/testing'
import type { FakeUpstream } from '../../src/runtime/testing'

/** The plain Vue app, built and served beside a relay, in front of an upstream that the test speaks for. */
export interface ServedVueApp {
  /** Origin, without a trailing slash. */
  url: string
  upstream: FakeUpstream
  /** Breaks every connection with a browser, as a network that goes away does. */
  cutConnections: () => void
  close: () => Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' }

export async function serveVueApp({ resume = false }: { resume?: boolean } = {}): Promise<ServedVueApp> {
  const folder = await buildVueApp()
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  const relay = createRelayListener({
    upstreams: { default: { baseURL: `${url}/v1`, models: ['fake'], allowPrivate: true } },
    public: true,
    resume,
    limits: { rate: 10_000, ipRate: 10_000, concurrency: 10, streamBytes: 100 << 20 },
  })
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/api/llm')) return relay(request, response)
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    readFile(file).then(
      body => response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upstream,
    cutConnections: () => server.closeAllConnections(),
    async close() {
      await relay.close(0)
      server.closeAllConnections()
      server.close()
      await upstream.close()
      await rm(folder, { recursive: true })
    },
  }
}

async function buildVueApp(): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'vue-app-'))
  await build({
    root: join(root, 'test/fixtures/vue-app'),
    configFile: false,
    logLevel: 'error',
    plugins: [vue()],
    resolve: { alias: { 'nuxt-llm-stream/vue': join(root, 'src/runtime/app/index.ts') } },
    build: { outDir, emptyOutDir: true },
  })
  return outDir
}
