import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findPreBundled } from '../../../src/pre-bundled'
import { root } from '../../support/docs'

it('names to Vite what the app can see, and nothing that only a layer has', () => {
  expect(findPreBundled(join(root, 'playground'))).toEqual(['nuxt-llm-stream > eventsource-parser', 'nuxt-llm-stream > @streamparser/json'])
  const elsewhere = mkdtempSync(join(tmpdir(), 'layered-'))
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  expect(findPreBundled(elsewhere)).toEqual([])
})
