import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GOALS, round } from './goals.mjs'
import { readFigures } from './lib/figures.mjs'
import { writeSection } from './lib/results.mjs'

/** Scripts of each part, and how they are told to do only as much as shows that they work. */
const PARTS = {
  relay: ['relay/run.mjs --short'],
  client: ['client/run.mjs --brief'],
  browser: ['browser/run.mjs --short', 'client/browser.mjs --brief'],
  protocol: ['protocol/run.mjs --short'],
  endurance: ['endurance/open-streams.mjs --short'],
  size: ['size/run.mjs --short'],
}

/**
 * `npm run bench [part…]`: measures every part, or those named, and puts goals beside what was reached into results.md.
 * `--short` runs all of it once and little of it, to see that it still works: its figures mean nothing and are not kept.
 */
const short = process.argv.includes('--short')
const named = process.argv.slice(2).filter(argument => argument !== '--short')
const unknown = named.filter(part => !(part in PARTS))
if (unknown.length > 0) throw new Error(`No such part: ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`)

prepareRoot()
const failed = (named.length > 0 ? named : Object.keys(PARTS)).filter(part => !runPart(part))

const lines = ['| | goal | reached | |', '|---|---|---|---|']
for (const { part, what, goal, unit, of, isMet } of GOALS) {
  const value = readValue(of, await readFigures(part))
  lines.push(`| ${part}: ${what} | ${goal} | ${value === undefined ? '–' : `${round(value)} ${unit}`.trimEnd()} | ${value === undefined ? 'not measured' : isMet(value) ? 'met' : 'missed'} |`)
}
console.log(lines.join('\n'))
if (short) console.log('\nToo short to mean anything: it shows only that everything works.')
if (!short) await writeSection('Goals', lines)
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}.`)
  process.exit(1)
}

/** What is measured is this repository's source, with its own packages and what `dev:prepare` makes of it. */
function prepareRoot() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  if (!existsSync(`${root}node_modules`)) throw new Error('Run `npm ci` in the folder above first.')
  if (existsSync(`${root}.nuxt/tsconfig.json`)) return
  const { status } = spawnSync('npm', ['run', 'dev:prepare'], { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('`npm run dev:prepare` failed in the folder above.')
}

function runPart(part) {
  const began = performance.now()
  console.log(`\n${part}`)
  const works = PARTS[part].every((script) => {
    const [file, brief] = script.split(' ')
    return spawnSync(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...short ? [brief] : []], { stdio: 'inherit' }).status === 0
  })
  console.log(`${part} took ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return works
}

/** Nothing where a part has not measured it. */
function readValue(of, figures) {
  try {
    const value = of(figures)
    return Number.isFinite(value) ? value : undefined
  }
  catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
