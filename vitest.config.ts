import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** Five projects, from the fastest to the most real, one after the other: builds and browsers do not disturb each other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 20_000, // CPU-bound tests on a busy machine
          sequence: { groupOrder: 0 },
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
        },
      },
      {
        plugins: [vue()],
        test: {
          name: 'vue',
          testTimeout: 20_000, // CPU-bound tests on a busy machine
          sequence: { groupOrder: 0 },
          include: ['test/vue/**/*.test.ts'],
          environment: 'happy-dom',
          setupFiles: ['test/setup/engine.ts'],
        },
      },
      {
        test: {
          name: 'redis',
          sequence: { groupOrder: 0 },
          include: ['test/redis/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'browser',
          sequence: { groupOrder: 1 },
          include: ['test/browser/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/setup/chromium.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['test/setup/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
