import { parseArgs } from 'node:util'
import { writeFigures } from '../lib/figures.mjs'
import { hold } from './client.mjs'
import { below, equal, report, start, until } from './start.mjs'

/** `npm run open-streams -- --streams 5000`: as many open streams on one process, without an error. `--short`: 500. */
const { values } = parseArgs({ options: { streams: { type: 'string' }, short: { type: 'boolean' } } })
const streams = Number(values.streams ?? (values.short ? 500 : 5000))
/** Connections that are opened at once: the system's queue of new ones is short. */
const BATCH = 200

const server = await start()
const before = await server.look()
const held = []
while (held.length < streams) {
  const batch = Array.from({ length: Math.min(BATCH, streams - held.length) }, () => hold(server.url, { events: 3600, perSecond: 0.5 }))
  held.push(...batch)
  await Promise.all(batch.map(({ opened }) => opened))
}
const statuses = await Promise.all(held.map(({ opened }) => opened))
const { counts } = server.upstream
const open = counts.opened - counts.closed
const during = await server.look()
for (const { leave } of held) leave()
const ended = await until(() => counts.opened === counts.closed, 10_000)
server.upstream.closeIdle()
const gone = await until(async () => (await server.look()).sockets <= before.sockets, 10_000)
const after = await server.look()

await writeFigures('endurance', { open: statuses.every(status => status === 200) ? open : 0 })
report(`${streams} open streams on one process`, [
  equal('streams with a first event', statuses.filter(status => status === 200).length, streams),
  equal('of them open at once', open, streams),
  below('memory of each', (during.rss - before.rss) / streams / 1024, 150, 'KB'),
  { what: 'upstream calls ended when all left', found: ended ? 'all' : `${counts.closed} of ${counts.opened}`, asked: 'within 10 s', ok: ended },
  { what: 'sockets left', found: after.sockets - before.sockets, asked: 0, ok: gone },
  equal('unhandled rejections', after.unhandled, 0),
])
