import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { writeFigures } from '../lib/figures.mjs'
import { writeSection } from '../lib/results.mjs'
import { contestants } from './contestants.mjs'

/**
 * What a delta costs in the browser's main thread, side by side. Each figure is the best of several processes, taken in
 * turns: whatever else the machine does can only add to it.
 */
const short = process.argv.includes('--short')
const root = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

await build({
  entryPoints: { vue: `${root}../src/runtime/app/index.ts` },
  outdir: `${root}.build`, bundle: true, splitting: true, format: 'esm', target: 'es2022', external: ['vue', 'eventsource-parser'],
  define: { 'process.env.NODE_ENV': '"production"' }, nodePaths: [`${root}../node_modules`],
})

async function measure(scenario) {
  const { stdout } = await execute(process.execPath, ['--expose-gc', `${root}client/measure.mjs`, JSON.stringify(scenario)], {
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return JSON.parse(stdout)
}

/** The best turn of each contestant, in nanoseconds per delta. */
async function compare(names, { deltas, ...scenario }) {
  const turns = short ? 1 : 5
  const all = new Map(names.map(name => [name, []]))
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) {
      const { slow } = contestants[name]
      if (slow && turn > 0) continue
      all.get(name).push(await measure({ name, ...scenario, deltas: slow ? Math.min(deltas, 500) : deltas, rounds: short || slow ? 1 : 5 }))
    }
  }
  return new Map([...all].map(([name, times]) => [name, Math.min(...times)]))
}

const scale = count => short ? Math.min(count, 300) : count
const everyone = ['limit', 'handwritten', 'useStream', 'useStreamSync', 'useConversation', 'aiSdk', 'tanstack']
const columns = [
  { key: 'deltas10k', title: '10 000 deltas, one per chunk', names: everyone, deltas: scale(10_000) },
  { key: 'deltas50k', title: '50 000 deltas, one per chunk', names: everyone.filter(name => !contestants[name].slow), deltas: scale(50_000) },
  { key: 'chunks', title: '50 000 deltas in 16 KB chunks', names: everyone.filter(name => !contestants[name].slow), deltas: scale(50_000), chunkBytes: 16_384 },
  { key: 'history', title: '10 000 deltas, 200 messages before', names: everyone.filter(name => name === 'limit' || contestants[name].history), deltas: scale(10_000), history: 200 },
]
const results = []
for (const { names, title, deltas, chunkBytes, history } of columns) {
  const times = await compare(names, { deltas, chunkBytes, history })
  results.push(times)
  console.log(title, Object.fromEntries([...times].map(([name, ns]) => [name, `${(ns / 1000).toFixed(2)} µs, ${(ns / times.get('limit')).toFixed(2)} ×`])))
}
const deltas = scale(3_334)
const pieces = await compare(['useStream', 'tool'], { deltas })
console.log('40 000 characters of arguments against text', `${(pieces.get('tool') / pieces.get('useStream')).toFixed(2)} ×`)

const cell = (times, name) => times.has(name)
  ? `${(times.get(name) / 1000).toFixed(2)} µs, ${(times.get(name) / times.get('limit')).toFixed(2)} ×`
  : '–'
await writeFigures('client', {
  ...Object.fromEntries(columns.map(({ key }, index) => [key, Object.fromEntries(results[index])])),
  toolArguments: Object.fromEntries(pieces),
})
if (!short) {
  await writeSection('Client', [
    'Time per delta in one thread, and how many times the limit that is. No row may be read across machines: the ratios are the result.',
    '',
    `| | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...everyone.map(name => `| ${contestants[name].label} | ${results.map(times => cell(times, name)).join(' | ')} |`),
    '',
    `Tool arguments of 40 000 characters in 12-character deltas cost ${(pieces.get('tool') / pieces.get('useStream')).toFixed(2)} × the same deltas as text.`,
  ], ['@ai-sdk/vue', '@tanstack/ai-vue', 'eventsource-parser', 'vue'])
}
