import { defineConfig } from 'vitest/config'

/** The compatibility matrix: apps that are installed and built, for minutes. `npm run compat` runs it, `npm test` does not. */
export default defineConfig({
  test: {
    include: ['test/compat/matrix.test.ts'],
    environment: 'node',
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
