import { expect, it } from 'vitest'
import { findEntry } from '../../scripts/changelog.mjs'
import { readText } from '../support/docs'

it('has notes for the version of package.json', () => {
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
