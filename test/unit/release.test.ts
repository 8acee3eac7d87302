import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findEntry } from '../../scripts/changelog.mjs'
import { readText, root } from '../support/docs'

it('has a changelog with notes for the version of package.json', () => {
  const { version } = JSON.parse(readText('package.json')) as { version: string }
  expect(findEntry(readText('CHANGELOG.md'), version).notes).toMatch(/^- /m)
})

it('tells a version that has a date from one that has none yet', () => {
  const changelog = '# Changelog\n\n## 0.2.0 – unreleased\n\n- New.\n\n## 0.1.0 – 2026-01-02\n\n- Old.\n'
  expect(findEntry(changelog, '0.2.0')).toEqual({ date: undefined, notes: '- New.' })
  expect(findEntry(changelog, '0.1.0')).toEqual({ date: '2026-01-02', notes: '- Old.' })
})

it('refuses a version without notes, naming the remedy', () => {
  expect(() => findEntry('## 1.0.0\n\n', '1.0.0')).toThrow(/add `## 1\.0\.0 – YYYY-MM-DD`/)
})

it.each([[{}], [{ GITHUB_REF: 'refs/heads/main' }], [{ GITHUB_REF: 'refs/tags/v99.0.0' }]])('publishes for the tag of the version only, not for %o', (env) => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/release.mjs'), '--publish'], { cwd: root, env: { ...process.env, GITHUB_REF: '', ...env }, encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toMatch(/published by the release workflow, for the tag v\d/)
})
