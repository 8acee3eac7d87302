import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { writeFigures } from '../lib/figures.mjs'
import { median } from '../lib/median.mjs'
import { writeSection } from '../lib/results.mjs'
import { buildClient } from './build.mjs'
import { contestants } from './contestants.mjs'

/**
 * What a delta costs in the browser's main thread, side by side. `--short`: fewer turns, in under a minute. `--brief`: only
 * that everyone still shows the right text.
 */
const brief = process.argv.includes('--brief')
const short = process.argv.includes('--short')
const root = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

await buildClient()

/**
 * `{ ns, ratio }` of a contestant, the median of all turns. What the compiler makes of the same code differs from process to
 * process, so there are several. A slow contestant gets fewer deltas, or nobody would wait for it.
 */
async function measure({ name, deltas, ...scenario }) {
  const { slow } = contestants[name]
  const most = brief ? 300 : slow ? 500 : deltas
  const [processes, turns, atLeast] = brief ? [1, 1, 1] : slow ? [1, 3, 1] : short ? [1, 3, 20_000] : [3, 4, 120_000]
  const input = JSON.stringify({ name, deltas: Math.min(deltas, most), turns, atLeast, ...scenario })
  const times = []
  for (let number = 0; number < processes; number++) {
    // Garbage that helper threads collect would be nobody's time.
    const { stdout } = await execute(process.execPath, ['--expose-gc', '--single-threaded-gc', `${root}client/measure.mjs`, input], {
      env: { ...process.env, NODE_ENV: 'production' },
    })
    times.push(...JSON.parse(stdout))
  }
  return { ns: median(times.map(({ ns }) => ns)), ratio: median(times.map(({ ratio }) => ratio)) }
}

const format = ({ ns, ratio }) => `${(ns / 1000).toFixed(2)} µs, ${ratio.toFixed(ratio < 100 ? 2 : 0)} ×`
const everyone = ['limit', 'handwritten', 'useStream', 'useStreamSync', 'useConversation', 'aiSdk', 'tanstack']
const columns = [
  { key: 'deltas10k', title: '10 000 deltas, one per chunk', scenario: { deltas: 10_000 }, takesPart: () => true },
  { key: 'deltas50k', title: '50 000 deltas, one per chunk', scenario: { deltas: 50_000 }, takesPart: ({ slow }) => !slow },
  { key: 'chunks', title: '50 000 deltas in 16 KB chunks', scenario: { deltas: 50_000, chunkBytes: 16_384 }, takesPart: ({ slow }) => !slow },
  { key: 'history', title: '10 000 deltas, 200 messages before', scenario: { deltas: 10_000, history: 200 }, takesPart: ({ history }) => history },
]
const rows = new Map(everyone.map(name => [name, []]))
/** Ratios by column and contestant. */
const figures = {}
for (const { key, title, scenario, takesPart } of columns) {
  figures[key] = {}
  for (const name of everyone) {
    const result = takesPart(contestants[name]) ? await measure({ name, ...scenario }) : undefined
    if (result) figures[key][name] = result.ratio
    rows.get(name).push(result ? format(result) : '–')
    console.log(`${title} | ${name} | ${rows.get(name).at(-1)}`)
  }
}
// 40 000 characters in pieces of 12.
const pieces = { deltas: 3_334, pieces: true, against: 'pieces' }
const [tool, object] = [await measure({ name: 'tool', ...pieces }), await measure({ name: 'object', ...pieces })]
console.log(`against the same as text: tool arguments ${format(tool)}, an object ${format(object)}`)
await writeFigures('client', { ...figures, pieces: { tool: tool.ratio, object: object.ratio } })

if (!brief && !short) {
  await writeSection('Client', [
    'Time of the main thread per delta, and how many times the limit that is: the ratio is the result, the time moves with the machine.',
    '',
    `| | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...everyone.map(name => `| ${contestants[name].label} | ${rows.get(name).join(' | ')} |`),
    '',
    `40 000 characters in 12-character deltas, against the same deltas as text: as arguments of a tool call ${tool.ratio.toFixed(2)} ×, `
    + `as an object that is shown while it grows ${object.ratio.toFixed(2)} ×.`,
  ], ['@ai-sdk/vue', '@tanstack/ai-vue', 'eventsource-parser', 'vue'])
}
