import type { LogWriter, RunEnd, StreamLog } from '../server/relay/logs/log'
import { append, collect, fails, listen, pause, randomId, same, settledWithin, type RecordingProducer } from './log-viewer'

/** The two functions of a test runner that the suite needs: those of vitest, node:test or jest. */
export interface TestRunner {
  describe: (title: string, body: () => void) => unknown
  it: (title: string, body: () => Promise<void>) => unknown
}

/** A driver under test. */
export interface LogUnderTest {
  log: StreamLog
  /** A second instance on the same store, as another process would have it. @default log */
  other?: StreamLog
  /** Called after each test, when the suite has closed `log` and `other`. */
  close?: () => Promise<void>
}

const META = { owner: 'owner-hash', upstream: 'default', protocol: 'chat', model: 'some-model' } as const
const LIFETIME = { running: 60_000, ended: 60_000 }
const COMPLETE: RunEnd = { outcome: 'complete', usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3, raw: null } }

/**
 * The contract of a log driver as tests, for every store that can follow frames. Throws by itself, so it needs no
 * assertion library. `create` gives a fresh driver for each test; the store may be shared, ids are random.
 *
 * @example
 * import type { StreamLog } from 'nuxt-llm-stream/relay'
 * import { describeLog } from 'nuxt-llm-stream/testing'
 * import { describe, it } from 'vitest'
 *
 * declare function createMyLog(): StreamLog
 *
 * describeLog({ describe, it }, async () => ({ log: createMyLog() }))
 */
export function describeLog({ describe, it }: TestRunner, create: () => Promise<LogUnderTest>): void {
  describe('a log driver', () => {
    test('gives back what a run is about', async ({ other, begin }) => {
      const { id } = await begin()
      same(await other.open(id), { meta: META, first: 2, last: 1 })
    })

    test('knows nothing of an id that it has not seen', async ({ log }) => {
      same(await log.open(randomId()), null)
      await log.stop(randomId(), 'stop')
      await log.touch(randomId(), 1_000)
      await fails(collect(log, randomId(), 0), 'log_lost')
    })

    test('refuses a second log of the same id', async ({ log, begin }) => {
      const { id } = await begin()
      await fails(log.create(id, META, LIFETIME, listen()), 'resume_unavailable')
    })

    test('replays every frame and the end, each time alike', async ({ other, begin }) => {
      const { id, writer } = await begin()
      const frames = append(writer, 300)
      await writer.end(COMPLETE)
      for (let round = 0; round < 2; round++) same(await collect(other, id, 0), { frames, end: COMPLETE })
      same(await other.open(id), { meta: META, first: 2, last: 301, end: COMPLETE })
    })

    test('gives the end alone to a viewer that has every frame', async ({ other, begin }) => {
      const { id, writer } = await begin()
      append(writer, 3)
      await writer.end(COMPLETE)
      same(await collect(other, id, 4), { frames: [], end: COMPLETE })
      same(await collect(other, id, 40), { frames: [], end: COMPLETE })
    })

    test('continues after any cursor', async ({ other, begin }) => {
      const { id, writer } = await begin()
      const frames = append(writer, 100)
      await writer.end(COMPLETE)
      for (let cursor = 0; cursor <= 101; cursor++) {
        same((await collect(other, id, cursor)).frames, frames.slice(Math.max(0, cursor - 1)))
      }
    })

    test('loses and doubles nothing at 1 000 random cuts', async ({ other, begin }) => {
      const { id, writer } = await begin()
      const whole = append(writer, 400).join('')
      await writer.end(COMPLETE)
      for (let round = 0; round < 1_000; round++) {
        const received = whole.slice(0, Math.floor(Math.random() * whole.length))
        const kept = received.match(/.+\n\n/g) ?? []
        const cursor = 1 + kept.length
        same(kept.join('') + (await collect(other, id, cursor)).frames.join(''), whole)
      }
    })

    test('loses and doubles nothing for viewers that come back 10 000 times while frames arrive', async ({ log, other, begin }) => {
      const { id, writer } = await begin()
      const sent: string[] = []
      let producing = true
      const producer = (async () => {
        while (producing) {
          sent.push(...append(writer, 1 + Math.floor(Math.random() * 5), sent.length))
          await pause(0)
        }
        await writer.end(COMPLETE)
      })()
      const viewers = Array.from({ length: 100 }, async (_, index) => {
        let cursor = 0
        const frames: string[] = []
        for (let visit = 0; visit < 100; visit++) {
          const seen = await collect(index % 2 ? log : other, id, cursor, 1)
          frames.push(...seen.frames)
          cursor = Math.max(cursor, 1) + seen.frames.length
        }
        return { frames, cursor }
      })
      const visited = await Promise.all(viewers)
      producing = false
      await producer
      for (const { frames, cursor } of visited) same(frames.concat((await collect(other, id, cursor)).frames), sent)
    })

    test('parks a reader while the run is silent', async ({ other, begin }) => {
      const { id, writer } = await begin()
      const reading = collect(other, id, 0)
      same(await settledWithin(reading, 100), false)
      const frames = append(writer, 1)
      same(await settledWithin(reading, 100), false)
      await writer.end(COMPLETE)
      same(await reading, { frames, end: COMPLETE })
    })

    test('lets a viewer that is ahead of the log wait for it', async ({ other, begin }) => {
      const { id, writer } = await begin()
      append(writer, 2)
      const reading = collect(other, id, 6)
      const frames = append(writer, 8, 2)
      await writer.end(COMPLETE)
      same(await reading, { frames: frames.slice(3), end: COMPLETE })
    })

    test('lets go of a reader whose signal aborts', async ({ other, begin }) => {
      const { id } = await begin()
      const leaving = new AbortController()
      const reading = collect(other, id, 0, Infinity, leaving.signal)
      same(await settledWithin(reading, 50), false)
      leaving.abort()
      same(await reading, { frames: [], end: undefined })
    })

    test('takes nothing after the end', async ({ other, begin }) => {
      const { id, writer } = await begin()
      const frames = append(writer, 2)
      await writer.end(COMPLETE)
      append(writer, 1)
      await writer.end({ outcome: 'failed' })
      same(await collect(other, id, 0), { frames, end: COMPLETE })
    })

    test('carries a request to stop to the producer, once', async ({ other, begin }) => {
      const { id, writer, producer } = await begin()
      await Promise.all([other.stop(id, 'stop'), other.stop(id, 'stop')])
      same(await producer.stopped, 'stop')
      await other.stop(id, 'stop')
      await writer.end({ outcome: 'stopped', reason: 'stop' })
      await other.stop(id, 'stop')
      same(producer.heard, ['stop'])
      same((await collect(other, id, 0)).end, { outcome: 'stopped', reason: 'stop' })
    })

    test('says when the last viewer is gone, and not while one is there', async ({ other, begin }) => {
      const { id, producer } = await begin()
      for (let visit = 0; visit < 5; visit++) {
        await other.touch(id, 300)
        await pause(60)
        same(producer.heard, [])
      }
      await producer.orphaned
      same(producer.heard, ['orphan'])
    })

    test('never calls a run orphaned that nobody was said to watch', async ({ begin }) => {
      const { producer } = await begin()
      await pause(100)
      same(producer.heard, [])
    })

    test('tells readers that a dropped log is lost, and its producer nothing', async ({ log, begin }) => {
      const { id, writer, producer } = await begin()
      append(writer, 1)
      const reading = collect(log, id, 2)
      writer.drop()
      append(writer, 1)
      await writer.end(COMPLETE)
      await fails(reading, 'log_lost')
      same(producer.heard, [])
    })

    test('forgets an ended log after its time', async ({ other, begin }) => {
      const { id, writer } = await begin({ running: 60_000, ended: 40 })
      append(writer, 5)
      await writer.end(COMPLETE)
      while (await other.open(id)) await pause(20)
      await fails(collect(other, id, 0), 'log_lost')
    })

    test('does not mind a clock that jumps', async ({ other, begin }) => {
      const now = Date.now
      try {
        const { id, writer, producer } = await begin()
        await other.touch(id, 60_000)
        const reading = collect(other, id, 0)
        Date.now = () => now() + 3_600_000
        const frames = append(writer, 2)
        Date.now = () => now() - 3_600_000
        frames.push(...append(writer, 2, 2))
        await writer.end(COMPLETE)
        same(await reading, { frames, end: COMPLETE })
        same(producer.heard, [])
      }
      finally {
        Date.now = now
      }
    })
  })

  /** One test with a driver of its own, and a way to begin a run on it. */
  function test(title: string, body: (context: TestContext) => Promise<void>): void {
    it(title, async () => {
      const { log, other = log, close } = await create()
      try {
        await body({
          log,
          other,
          async begin(lifetime = LIFETIME) {
            const id = randomId()
            const producer = listen()
            return { id, producer, writer: await log.create(id, META, lifetime, producer) }
          },
        })
      }
      finally {
        await log.close?.()
        if (other !== log) await other.close?.()
        await close?.()
      }
    })
  }
}

interface TestContext {
  log: StreamLog
  other: StreamLog
  begin: (lifetime?: typeof LIFETIME) => Promise<{ id: string, writer: LogWriter, producer: RecordingProducer }>
}
