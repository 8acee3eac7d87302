import { openStream } from '../lib/client.mjs'
import { requestBody } from '../lib/scenario.mjs'

/** Connections that are opened at once: the system's queue of new ones is short. */
const BATCH = 200

/** What is measured, each against a relay that has warmed up. `scale` makes a brief run of a full one. */
export const MODES = {
  /** 100 streams of 20 events a second. */
  async paced({ relay, scale }) {
    const delays = []
    const perStream = Math.round(120 * scale)
    const before = await relay.usage()
    const streams = await Promise.all(Array.from({ length: 100 }, () => openStream(relay.url, requestBody({ events: perStream, perSecond: 20 }), { delays }).done))
    const after = await relay.usage()
    delays.sort((a, b) => a - b)
    return { 'CPU µs/event': (after.cpu - before.cpu) / eventsOf(streams), 'p50 ms': delays[delays.length >> 1], 'p99 ms': delays[Math.floor(delays.length * 0.99)] }
  },

  /** 32 streams of 5 000 events as fast as they go. */
  async flat({ relay, scale }) {
    const perStream = Math.round(5000 * scale)
    const before = await relay.usage()
    const streams = await Promise.all(Array.from({ length: 32 }, () => openStream(relay.url, requestBody({ events: perStream })).done))
    const after = await relay.usage()
    if (eventsOf(streams) !== 32 * perStream) throw new Error('events were lost')
    return { 'CPU µs/event': (after.cpu - before.cpu) / eventsOf(streams) }
  },

  /** 1 000 open streams, an event a second each, and as many more, for which nothing is left of what came before. */
  async memory({ relay, scale }) {
    const count = Math.round(1000 * scale)
    const streams = []
    const memory = async () => (await relay.usage({ collect: true })).memory
    const openMore = async () => {
      for (let left = count; left > 0; left -= BATCH) {
        streams.push(...Array.from({ length: Math.min(BATCH, left) }, () => openStream(relay.url, requestBody({ events: 300, perSecond: 1 }))))
        await allHave(1, streams)
      }
      await allHave(3, streams)
    }
    const none = await memory()
    await openMore()
    const some = await memory()
    await openMore()
    const twice = await memory()
    for (const stream of streams) stream.destroy()
    return { 'KB/stream': (some - none) / count / 1024, 'the second thousand': (twice - some) / count / 1024 }
  },

  /** 200 clients vanish in mid-stream. */
  async leave({ relay, upstream: { counts } }) {
    counts.closedAt.length = counts.closed = 0
    const streams = Array.from({ length: 200 }, () => openStream(relay.url, requestBody({ events: 600, perSecond: 20 })))
    await allHave(2, streams)
    const leftAt = performance.now()
    for (const stream of streams) stream.destroy()
    await until(() => counts.closed === 200, 3000).catch(() => {})
    return { 'ended of 200': counts.closed, 'last after ms': Math.max(leftAt, ...counts.closedAt) - leftAt }
  },

  /** One reader takes nothing for six seconds; the upstream has 490 MB for it. */
  async paused({ relay, upstream: { counts }, scale }) {
    const before = await relay.usage({ collect: true })
    counts.bytes = 0
    const stream = openStream(relay.url, requestBody({ events: 500_000, pad: 800 }), { onEvents: ({ response }) => response.pause() })
    await new Promise(resolve => setTimeout(resolve, Math.max(6000 * scale, 3000)))
    const after = await relay.usage({ collect: true })
    stream.destroy()
    return { 'pushed MB': counts.bytes / 1e6, 'growth MB': (after.memory - before.memory) / 1e6 }
  },

  /** Requests one after the other: what the relay adds to the time until the first byte. */
  async first({ relay, upstream, scale }) {
    const direct = await medianFirstByte(upstream.url, scale)
    return { 'added ms': await medianFirstByte(relay.url, scale) - direct }
  },
}

async function medianFirstByte(url, scale) {
  const times = []
  for (let index = 0; index < 400 * scale; index++) times.push((await openStream(url, requestBody({ events: 1 })).done).firstByteMs)
  return times.sort((a, b) => a - b)[times.length >> 1]
}

function eventsOf(streams) {
  return streams.reduce((sum, stream) => sum + stream.events, 0)
}

/** Waits until so many events came on each of these streams. Fails when one ends or breaks before. */
async function allHave(events, streams) {
  await Promise.race([
    until(() => streams.every(stream => stream.events >= events)),
    ...streams.map(({ done }) => done.then(() => { throw new Error('a stream ended too soon') })),
  ])
}

async function until(condition, ms = 30_000) {
  const end = performance.now() + ms
  while (!condition()) {
    if (performance.now() > end) throw new Error('waited too long')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
