import { fileURLToPath } from 'node:url'

/** Every guard counts, but none refuses: the limits are further away than any benchmark gets. Others come by environment. */
const far = 1e9

export default defineNuxtConfig({
  modules: [fileURLToPath(new URL('../../src/module.ts', import.meta.url))],
  compatibilityDate: '2026-11-01',
  llmStream: {
    public: true,
    resume: { orphanGrace: 10_000, ttlAfterEnd: 10_000 },
    limits: { rate: far, ipRate: far, concurrency: far, globalConcurrency: far, streamBytes: far },
    upstreams: { default: { baseURL: 'http://127.0.0.1:1/v1', models: ['bench'], allowPrivate: true } },
  },
})
