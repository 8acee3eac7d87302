import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { startRelay } from '../lib/child.mjs'
import { openStream } from '../lib/client.mjs'
import { writeSection } from '../lib/results.mjs'
import { requestBody } from '../lib/scenario.mjs'
import { toTable } from '../lib/table.mjs'
import { startUpstream } from '../lib/upstream.mjs'
import { MODES } from './modes.mjs'

/** One fake upstream and one client here, each relay in a process of its own. The pipe comes first: it is the limit. */
const { values: { brief, rounds, relays, modes } } = parseArgs({ options: {
  brief: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '3' },
  relays: { type: 'string', default: 'pipe,ours,ours-resumable,ours-redis,ours-undici,h3-proxy,fetch-response' },
  modes: { type: 'string', default: Object.keys(MODES).join(',') },
} })
const scale = brief ? 0.25 : 1
/** Figures that differ from round to round. */
const repeated = new Set(['paced', 'flat', 'first'])

await build({
  entryPoints: [here('ours.ts')], outdir: here('.build'),
  bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'error',
})

const lines = []
for (const mode of modes.split(',')) {
  const results = new Map(relays.split(',').map(relay => [relay, []]))
  for (let round = 0; round < (repeated.has(mode) && !brief ? Number(rounds) : 1); round++) {
    for (const [relay, measured] of results) measured.push(await measure(relay, MODES[mode]))
  }
  const best = new Map([...results].map(([relay, measured]) => [relay, bestOf(measured)]))
  const table = [`### ${mode}`, '', ...toTable(best), '']
  console.log(table.join('\n'))
  lines.push(...table)
}
if (!brief) await writeSection('Relay', lines, ['h3', 'undici'])

async function measure(name, mode) {
  const upstream = await startUpstream()
  const relay = await startRelay(here(`relays/${name}.mjs`), upstream.url)
  try {
    await warmUp(relay)
    return await mode({ relay, upstream, scale })
  }
  finally {
    relay.stop()
    upstream.close()
  }
}

/** A server is long-lived: what is measured is code that the engine has compiled. */
async function warmUp({ url }) {
  for (let index = 0; index < 40; index++) await openStream(url, requestBody({ events: 50 })).done
  await Promise.all(Array.from({ length: 100 }, () => openStream(url, requestBody({ events: 50, perSecond: 100 })).done))
}

function bestOf(measured) {
  return Object.fromEntries(Object.keys(measured[0]).map(key => [key, Math.min(...measured.map(round => round[key]))]))
}

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}
