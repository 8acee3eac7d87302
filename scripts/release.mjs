import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findEntry } from './changelog.mjs'

/**
 * `npm run release`: everything that a release needs, and what would be published. With `--publish` it is published, from the
 * release workflow only: what users install comes from a commit that anyone can see, with provenance.
 */
const publish = process.argv.includes('--publish')
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const { date, notes } = findEntry(readFileSync('CHANGELOG.md', 'utf8'), version)

if (publish && process.env.GITHUB_REF !== `refs/tags/v${version}`) fail(`Versions are published by the release workflow, for the tag v${version}.`)
if (publish && !date) fail(`CHANGELOG.md has no date for ${version}: write \`## ${version} – YYYY-MM-DD\`.`)

for (const script of ['dev:prepare', 'types', 'build', 'package']) npm('run', script)
npm('publish', '--access', 'public', ...publish ? ['--provenance'] : ['--dry-run'])

console.log(`\n${version}, ${date ?? 'not dated yet'}\n\n${notes}`)

function npm(...args) {
  execFileSync('npm', args, { stdio: 'inherit' })
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
