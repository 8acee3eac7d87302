import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeFigures } from '../lib/figures.mjs'
import { writeSection } from '../lib/results.mjs'

/** What a page does while answers stream into it, in real Chromium: the plain Vue app of the tests, behind our relay. */
const short = process.argv.includes('--short')
const here = path => fileURLToPath(new URL(path, import.meta.url))

await build({
  entryPoints: [here('measure.ts')], outfile: here('../.build/browser.js'),
  bundle: true, format: 'esm', platform: 'node', target: 'node22', packages: 'external', logLevel: 'error',
})
const { measure } = await import('../.build/browser.js')
const { spread, waiting, version } = await measure({ deltas: short ? 800 : 8000 })
await writeFigures('browser', { spread, waiting })

const lines = [
  `${spread.deltas} deltas, about 750 a second, below 50 messages:`,
  '',
  '| frames painted | renders of the live message | renders of the others | longest task | last text after the last byte |',
  '|--|--|--|--|--|',
  `| ${spread.frames} | ${spread.liveRenders} | ${spread.pastRenders} | ${spread.longestTaskMs.toFixed(0)} ms${spread.longestTaskMs === 0 ? ' (none over 50 ms)' : ''} | ${spread.lateMs.toFixed(1)} ms |`,
  '',
  `2 000 deltas that wait already: all shown, ${waiting.frames} frames painted while they were, ${waiting.liveRenders} renders, longest task ${waiting.longestTaskMs.toFixed(0)} ms.`,
]
console.log(lines.join('\n'))
if (!short) await writeSection('Browser', lines, ['vue'], { Chromium: version })
