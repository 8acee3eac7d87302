import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { writeFigures } from '../lib/figures.mjs'
import { writeSection } from '../lib/results.mjs'

/**
 * What decoding and folding cost beyond parsing: an answer of 1 MB in 200 000 deltas, and one of twice as many. Each figure
 * is the best of several processes, taken in turns.
 */
const short = process.argv.includes('--short')
const root = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

await build({
  entryPoints: { protocol: `${root}../src/runtime/shared/index.ts` },
  outdir: `${root}.build`, bundle: true, splitting: true, format: 'esm', target: 'es2022', external: ['eventsource-parser'],
  nodePaths: [`${root}../node_modules`],
})

/** Milliseconds of one reader for one answer, in a process of its own. */
async function measure(scenario) {
  // Garbage that helper threads collect would be nobody's time.
  const flags = ['--expose-gc', '--single-threaded-gc']
  const { stdout } = await execute(process.execPath, [...flags, `${root}protocol/measure.mjs`, JSON.stringify(scenario)])
  return JSON.parse(stdout)
}

const readers = { limit: 'limit: read, eventsource-parser, JSON.parse', collect: '`collectStream`', iterate: '`readStream` and `reduceStream`' }
const deltas = short ? 2_000 : 200_000
const scenarios = [
  { title: `${deltas / 1000} 000 deltas in 16 KB chunks`, deltas, chunkBytes: 16_384 },
  { title: `${deltas / 500} 000 deltas in 16 KB chunks`, deltas: deltas * 2, chunkBytes: 16_384 },
  { title: `${deltas / 1000} 000 deltas, one per chunk`, deltas },
]

const best = new Map(scenarios.map(({ title }) => [title, Object.fromEntries(Object.keys(readers).map(name => [name, Infinity]))]))
for (let turn = 0; turn < (short ? 1 : 3); turn++) {
  for (const { title, ...scenario } of scenarios) {
    for (const name of Object.keys(readers)) {
      const times = best.get(title)
      times[name] = Math.min(times[name], await measure({ name, ...scenario, rounds: short ? 1 : 4 }))
    }
  }
}

const cell = (times, name) => `${times[name].toFixed(0)} ms, ${(times[name] / times.limit).toFixed(2)} ×`
const lines = [
  'Main thread\'s time for one whole answer of Chat Completions, 5 characters a delta, and how many times the limit that is.',
  '',
  `| | ${scenarios.map(({ title }) => title).join(' | ')} |`,
  `|---|${scenarios.map(() => '---|').join('')}`,
  ...Object.entries(readers).map(([name, label]) => `| ${label} | ${scenarios.map(({ title }) => cell(best.get(title), name)).join(' | ')} |`),
  '',
  `Twice the deltas take \`collectStream\` ${(best.get(scenarios[1].title).collect / best.get(scenarios[0].title).collect).toFixed(2)} × the time.`,
]
console.log(lines.join('\n'))
await writeFigures('protocol', { chunks: best.get(scenarios[0].title), twice: best.get(scenarios[1].title) })
if (!short) await writeSection('Protocol', lines, ['eventsource-parser'])
