import { fileURLToPath } from 'node:url'

export default defineNuxtConfig({
  // Absolute: a layer's relative path would be resolved from the root.
  modules: [fileURLToPath(new URL('../src/module.ts', import.meta.url))],
  // Development answers from the demo upstream, until NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL names a real one.
  $production: {
    llmStream: { upstreams: { default: { provider: 'openai', models: ['gpt-5-mini'] } } },
  },
  devtools: { enabled: true },
  compatibilityDate: '2026-11-01',
  llmStream: { public: true },
})
