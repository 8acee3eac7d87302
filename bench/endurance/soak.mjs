import { parseArgs } from 'node:util'
import { hold } from './client.mjs'
import { below, equal, pause, report, start, until } from './start.mjs'
import { VISITORS } from './visitors.mjs'

/** `npm run soak -- --streams 500 --minutes 10`: visitors that read, leave, stall and come back, and what is left of them. */
const { values } = parseArgs({ options: { streams: { type: 'string', default: '500' }, minutes: { type: 'string', default: '10' } } })
const streams = Number(values.streams)
const minutes = Number(values.minutes)
const SAMPLE_MS = 15_000
/** Room for those who read and those who come back: every one of these slots must be free in the end. */
const slots = streams * 2

const server = await start({ NUXT_LLM_STREAM_LIMITS_GLOBAL_CONCURRENCY: String(slots) })
const { url, upstream: { counts } } = server
const complaints = new Map()
const visits = new Map()

await visit(performance.now() + 10_000) // what is allocated once, is
await settle()
const before = await server.look()

const end = performance.now() + minutes * 60_000
const samples = []
const visitors = visit(end)
while (performance.now() < end - SAMPLE_MS) {
  await pause(SAMPLE_MS)
  const { heapUsed, rss, delayP99, idleP99, sockets } = await server.look()
  samples.push({ minute: minutes - (end - performance.now()) / 60_000, heapUsed, lateMs: Math.max(0, delayP99 - idleP99) })
  console.log(`${samples.at(-1).minute.toFixed(1)} min: heap ${mb(heapUsed)}, resident ${mb(rss)}, ${sockets} sockets, event loop p99 ${delayP99.toFixed(1)} ms (idle process ${idleP99.toFixed(1)}), ${counts.opened - counts.closed} upstream calls`)
}
await visitors
const settled = await settle()
const after = await server.look()
const left = counts.opened - counts.closed
const free = await countFreeSlots()

report(`${streams} visitors for ${minutes} minutes: ${[...visits].map(([what, count]) => `${count} × ${what}`).join(', ')}; ${counts.opened} upstream calls.`, [
  { what: 'complaints of visitors', found: complaints.size === 0 ? 'none' : [...complaints].map(([text, count]) => `${count} × ${text}`).join('\n          '), ok: complaints.size === 0 },
  equal('upstream calls left', left, 0),
  { what: 'connections and calls let go of after the last visitor', found: settled ? 'yes' : 'no', asked: 'within 30 s', ok: settled },
  equal('sockets left', after.sockets, before.sockets),
  { what: 'files open', found: `${after.descriptors}, ${before.descriptors} before`, asked: 'not more', ok: after.descriptors <= before.descriptors },
  equal('slots free', free, slots),
  below('memory slope', slope(samples) / 2 ** 20, 1, 'MiB/min'),
  below('heap after, against before', (after.heapUsed - before.heapUsed) / 2 ** 20, 8, 'MiB'),
  below('event loop p99 beyond that of an idle process, in the middle of all samples', median(samples.map(({ lateMs }) => lateMs)), 50, 'ms'),
  equal('unhandled rejections', after.unhandled, 0),
])

/** Keeps as many visitors busy as there are streams; the last ones leave soon after the end. */
async function visit(end) {
  const kinds = Object.keys(VISITORS)
  await Promise.all(Array.from({ length: streams }, async (_, index) => {
    await pause(Math.random() * 5000)
    while (performance.now() < end) {
      const kind = kinds[Math.floor(Math.random() * kinds.length)]
      visits.set(kind, (visits.get(kind) ?? 0) + 1)
      const complaint = await VISITORS[kind](url, index)
      if (complaint) complaints.set(`${kind}: ${complaint}`, (complaints.get(`${kind}: ${complaint}`) ?? 0) + 1)
    }
  }))
}

/** Runs that nobody came back to have ended, and kept connections to the upstream are closed. */
async function settle() {
  const quiet = await until(() => counts.opened === counts.closed, 30_000)
  server.upstream.closeIdle()
  await pause(11_000) // what is stored of ended runs is forgotten
  return quiet
}

/** Takes every slot there should be: one that leaked is refused, one too many is, too. */
async function countFreeSlots() {
  const held = []
  for (let taken = 0; taken < slots; taken += 100) {
    const some = Array.from({ length: Math.min(100, slots - taken) }, () => hold(url, { events: 600, perSecond: 10 }))
    held.push(...some)
    await Promise.all(some.map(({ opened }) => opened))
  }
  const statuses = await Promise.all(held.map(({ opened }) => opened))
  const tooMany = hold(url, { events: 600, perSecond: 10 })
  const refused = await tooMany.opened === 429
  for (const { leave } of [...held, tooMany]) leave()
  return statuses.filter(status => status === 200).length + (refused ? 0 : 1)
}

/** Bytes of heap a minute, by least squares, once the first quarter is over. */
function slope(all) {
  const points = all.slice(Math.floor(all.length / 4))
  if (points.length < 2) return 0
  const mean = key => points.reduce((sum, point) => sum + point[key], 0) / points.length
  const [minute, heap] = [mean('minute'), mean('heapUsed')]
  const spread = points.reduce((sum, point) => sum + (point.minute - minute) ** 2, 0)
  return points.reduce((sum, point) => sum + (point.minute - minute) * (point.heapUsed - heap), 0) / spread
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0
}

function mb(bytes) {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}
