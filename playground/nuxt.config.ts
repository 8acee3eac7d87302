import { fileURLToPath } from 'node:url'

export default defineNuxtConfig({
  // Absolute: a layer's relative path would be resolved from the root.
  modules: [fileURLToPath(new URL('../src/module.ts', import.meta.url))],
  devtools: { enabled: true },
  compatibilityDate: '2026-11-01',
})
