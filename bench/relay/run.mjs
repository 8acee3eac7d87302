import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { buildApp } from '../lib/built.mjs'
import { startRelay } from '../lib/child.mjs'
import { openStream } from '../lib/client.mjs'
import { writeFigures } from '../lib/figures.mjs'
import { writeSection } from '../lib/results.mjs'
import { requestBody } from '../lib/scenario.mjs'
import { toTable } from '../lib/table.mjs'
import { startUpstream } from '../lib/upstream.mjs'
import { MODES } from './modes.mjs'

const ALL = 'pipe,built,ours,ours-resumable,ours-redis,h3-proxy,fetch-response,ai-sdk,nginx'

/** One fake upstream and one client here, each relay in a process of its own. The pipe comes first: it is the limit. */
const { values: { short, rounds, relays, modes } } = parseArgs({ options: {
  short: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '5' },
  relays: { type: 'string', default: ALL },
  modes: { type: 'string', default: Object.keys(MODES).join(',') },
} })
const scale = short ? 0.1 : 1
/**
 * Figures that differ from round to round: all relays take turns, so that what disturbs the machine disturbs them alike. How many times
 * as many rounds: a flat one is over in a second, and differs from the next by a fifth, as the middle delay of a paced one does.
 */
const repeated = { paced: 2, flat: 3, first: 1 }
/** What is measured of ours without Nuxt, and of what differs from that in nothing else. */
const only = { 'ours': ['paced', 'flat'], 'ours-resumable': ['paced', 'flat'], 'ours-redis': ['paced', 'flat'] }

await build({
  entryPoints: [here('ours.ts')], outdir: here('.build'),
  bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20', packages: 'external', logLevel: 'error',
})

if (relays.split(',').includes('built')) await buildApp()

const { version: nuxt } = createRequire(here('../../package.json'))('nuxt/package.json')
const lines = []
const figures = {}
for (const mode of modes.split(',')) {
  const names = relays.split(',').filter(relay => relays !== ALL || (only[relay]?.includes(mode) ?? true))
  figures[mode] = mode in repeated ? await takeTurns(names, mode) : await oneByOne(names, mode)
  const table = [`### ${mode}`, '', ...toTable(figures[mode]), '']
  console.log(table.join('\n'))
  lines.push(...table)
}
if (relays === ALL) await writeFigures('relay', figures)
if (relays === ALL && !short) await writeSection('Relay', lines, ['h3', 'ai', '@ai-sdk/openai-compatible'], { Nuxt: nuxt, nginx: nginxVersion() })

/** Figures of each relay by name, each a list with a number for each round. */
async function takeTurns(names, mode) {
  const upstream = await startUpstream()
  const running = []
  try {
    for (const name of names) {
      const relay = await startRelay(here(`relays/${name}.mjs`), upstream.url)
      running.push({ name, relay, measured: [] })
      if (!short) await warmUp(relay)
      if (mode === 'flat' && !short) await MODES.flat({ relay, upstream, scale })
    }
    for (let round = 0; round < (short ? 1 : rounds * repeated[mode]); round++) {
      for (const { name, relay, measured } of round % 2 ? running.toReversed() : running) {
        const measure = () => MODES[mode]({ relay, upstream, scale })
        measured.push(await measure().catch(error => again(error, name, mode, measure)))
      }
    }
    return Object.fromEntries(running.map(({ name, measured }) => [name, toLists(measured)]))
  }
  finally {
    for (const { relay } of running) relay.stop()
    upstream.close()
  }
}

/** The same with one round, and each relay by itself: its memory is what it takes after its start. */
async function oneByOne(names, mode) {
  const figures = {}
  for (const name of names) {
    const measure = () => measureAlone(name, mode)
    figures[name] = toLists([await measure().catch(error => again(error, name, mode, measure))])
  }
  return figures
}

async function measureAlone(name, mode) {
  const upstream = await startUpstream()
  const relay = await startRelay(here(`relays/${name}.mjs`), upstream.url)
  try {
    if (!short) await warmUp(relay)
    return await MODES[mode]({ relay, upstream, scale })
  }
  finally {
    relay.stop()
    upstream.close()
  }
}

/** A long run is not lost to one connection that breaks: what fails is measured once more. */
function again(error, name, mode, measure) {
  console.error(`${name}, ${mode}: ${error.message}. Once more.`)
  return measure()
}

/**
 * A server is long-lived: what is measured is code that the engine has compiled. Its compiler is at work for the first thousands of
 * requests, on the second processor too, which the time of a request shows most; and what it makes of them takes ten megabytes,
 * which are no stream's.
 */
async function warmUp({ url }) {
  for (let index = 0; index < 4000; index++) await openStream(url, requestBody({ events: 10 })).done
  await Promise.all(Array.from({ length: 100 }, () => openStream(url, requestBody({ events: 50, perSecond: 100 })).done))
}

function toLists(measured) {
  return Object.fromEntries(Object.keys(measured[0]).map(key => [key, measured.map(round => round[key])]))
}

function here(path) {
  return fileURLToPath(new URL(path, import.meta.url))
}

function nginxVersion() {
  return /nginx\/(\S+)/.exec(spawnSync(process.env.NGINX_PATH ?? 'nginx', ['-v'], { encoding: 'utf8' }).stderr)?.[1]
}
