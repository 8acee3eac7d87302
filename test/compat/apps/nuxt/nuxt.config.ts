export default defineNuxtConfig({
  modules: ['nuxt-llm-stream'],
  compatibilityDate: '2026-11-01',
  llmStream: { upstreams: { default: { baseURL: 'http://127.0.0.1:1', models: ['m'], allowPrivate: true } }, public: true, resume: true },
})
