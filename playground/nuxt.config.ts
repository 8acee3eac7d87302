import { fileURLToPath } from 'node:url'

// Absolute: the relative paths of a layer would be resolved from the root.
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: BASE_URL, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_PROVIDER: PROVIDER } = process.env
const upstreams = { default: { models: ['gpt-5-mini'] } }

export default defineNuxtConfig({
  modules: ['@nuxt/ui', here('../src/module.ts')],
  // Development answers from the demo upstream, until the environment names a real one (`.env.example`).
  $development: { llmStream: { upstreams: BASE_URL || PROVIDER ? upstreams : undefined } },
  $production: { llmStream: { upstreams } },
  devtools: { enabled: true },
  css: [here('app/assets/main.css')],
  // No font and no icon comes from another machine.
  ui: { fonts: false, experimental: { componentDetection: true } },
  compatibilityDate: '2026-11-01',
  // Where the saved chat is kept: the SQLite of Node itself, in `.data`.
  nitro: { experimental: { database: true }, database: { default: { connector: 'node-sqlite' } } },
  icon: { provider: 'none', fallbackToApi: false, serverBundle: 'local', clientBundle: { scan: true } },
  // Room for pictures in a chat, and for its tools: each round of them is a request of its own.
  llmStream: { public: true, resume: true, limits: { bodyBytes: 4 << 20, rate: 300, ipRate: 300, concurrency: 20 } },
})
