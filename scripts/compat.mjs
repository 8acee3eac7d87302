import { spawnSync } from 'node:child_process'
import { ROWS } from '../test/compat/rows.ts'

/** `npm run compat [row…]`: every row of the compatibility matrix, or those of these names. */
const names = process.argv.slice(2)
const unknown = names.filter(name => !ROWS.some(row => row.name === name))
if (unknown.length > 0) {
  console.error(`No such row: ${unknown.join(', ')}. There are: ${ROWS.map(({ name }) => name).join(', ')}.`)
  process.exit(1)
}
const filter = names.length > 0 ? ['-t', `^(?:${names.join('|').replaceAll('.', '\\.')})$`] : []
const { status } = spawnSync('vitest', ['run', '--config', 'test/compat/vitest.config.ts', ...filter], { stdio: 'inherit' })
process.exit(status ?? 1)
