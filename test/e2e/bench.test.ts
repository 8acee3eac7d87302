import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const bench = fileURLToPath(new URL('../../bench/', import.meta.url))

// Of the benchmarks, what does without their peers: those have an install of their own, and a job of the workflow's.
it.each([
  ['relay', ['--modes', 'flat', '--relays', 'pipe,ours'], '| ours |'],
  ['protocol', [], '| `collectStream` |'],
])('measures the %s, checking that what it compares gives the same text', async (part, options, row) => {
  const { stdout } = await promisify(execFile)(process.execPath, [`${part}/run.mjs`, '--short', ...options], { cwd: bench })
  expect(stdout).toContain(row)
})
