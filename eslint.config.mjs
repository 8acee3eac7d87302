import { createConfigForNuxt } from '@nuxt/eslint-config/flat'
import { layers } from './scripts/layers.mjs'

/** The layer rules (architecture.md §3) are data in `scripts/layers.mjs`; this file only turns them on. */
export default createConfigForNuxt({
  features: { tooling: true, stylistic: true },
  dirs: { src: ['./playground'] },
})
  .append({ ignores: ['dist', '**/.nuxt', '**/.output', 'bench/node_modules', '**/.build', 'test/fixtures/**/dist'] })
  .append({
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@stylistic/max-statements-per-line': 'off',
      'vue/multi-word-component-names': 'off',
    },
  })
  .append({ files: ['src/**'], rules: { 'max-lines': ['error', 300], 'no-console': 'error' } })
  .append(...layers)
