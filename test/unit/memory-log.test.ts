import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import type { LogProducer, StreamLog } from '../../src/runtime/server/relay/logs/log'
import { createMemoryLog } from '../../src/runtime/server/relay/logs/memory'
import { Stamper } from '../../src/runtime/server/relay/stamp'
import { describeLog } from '../../src/runtime/testing/describe-log'
import { createDice } from '../support/dice'

const META = { owner: 'o', upstream: 'default', protocol: 'chat', model: 'm' } as const
const LIFETIME = { running: 60_000, ended: 60_000 }
const deaf: LogProducer = { stop: () => {}, orphan: () => {}, lost: () => {} }

describe('the memory driver', () => {
  describeLog({ describe, it }, async () => ({ log: createMemoryLog() }))

  it('forgets the oldest ended log to make room for a new one', async () => {
    const log = createMemoryLog({ bytes: 13_500 })
    for (const id of ['first', 'second']) {
      const writer = await log.create(id, META, LIFETIME, deaf)
      writer.append(new Uint8Array(3_000), 1)
      await writer.end({ outcome: 'complete' })
    }
    await log.create('third', META, LIFETIME, deaf)
    const fourth = await log.create('fourth', META, LIFETIME, deaf)
    fourth.append(new Uint8Array(1_000), 1)
    expect(await log.open('first')).toBeNull()
    expect(await log.open('second')).not.toBeNull()
    await log.close?.()
  })

  it('refuses a run that does not fit beside the running ones', async () => {
    const log = createMemoryLog({ bytes: 23_000 })
    const writer = await log.create('large', META, LIFETIME, deaf)
    writer.append(new Uint8Array(19_500), 1)
    await expect(log.create('next', META, LIFETIME, deaf)).rejects.toMatchObject({ code: 'resume_unavailable' })
    await log.close?.()
  })

  it('loses a running log that outgrows the memory, and gives its bytes back', async () => {
    const log = createMemoryLog({ bytes: 50_000 })
    const lost = vi.fn()
    const writer = await log.create('large', META, LIFETIME, { ...deaf, lost })
    for (let index = 0; index < 5; index++) writer.append(new Uint8Array(16_384), 1)
    expect(lost).toHaveBeenCalledOnce()
    expect(await log.open('large')).toBeNull()
    const next = await log.create('next', META, LIFETIME, { ...deaf, lost })
    next.append(new Uint8Array(40_000), 1)
    expect((await log.open('next'))?.last).toBe(2)
    await log.close?.()
  })

  it('leaves what a slow viewer was given as it was, when the log is forgotten for a new one', async () => {
    const log = createMemoryLog({ bytes: 400_000 })
    const fill = async (id: string, byte: number) => {
      const writer = await log.create(id, META, LIFETIME, deaf)
      for (let index = 0; index < 30; index++) writer.append(new Uint8Array(10_000).fill(byte), 1)
      await writer.end({ outcome: 'complete' })
    }
    await fill('old', 0x61)
    const entries = log.read('old', 0, new AbortController().signal)[Symbol.asyncIterator]()
    const { value: { bytes } } = await entries.next()
    await fill('new', 0x62)
    expect(new Set(bytes)).toEqual(new Set([0x61]))
    await expect(entries.next()).rejects.toMatchObject({ code: 'log_lost' })
    await log.close?.()
  })

  it('gives no viewer a byte of another run, however its pages go round', async () => {
    const dice = createDice(1)
    const log = createMemoryLog({ bytes: 250_000 }) // a dozen runs: every page is written again and again
    const given: { run: number, bytes: Uint8Array }[] = []
    let lost = 0

    const watch = async (run: number) => {
      try {
        for await (const entry of log.read(`run-${run}`, 0, new AbortController().signal)) {
          if (entry.kind === 'frames') given.push({ run, bytes: entry.bytes })
          for (let turns = dice.below(30); turns > 0; turns--) await Promise.resolve()
        }
      }
      catch {
        lost++
      }
    }
    const write = async (run: number) => {
      const writer = await log.create(`run-${run}`, META, LIFETIME, deaf).catch(() => undefined)
      const viewers = Array.from({ length: 3 }, () => watch(run))
      for (let appends = dice.below(40); appends > 0; appends--) {
        writer?.append(new Uint8Array(dice.below(3_000)).fill(run), 1)
        for (let turns = dice.below(5); turns > 0; turns--) await Promise.resolve()
      }
      await (dice.chance(0.9) ? writer?.end({ outcome: 'complete' }) : writer?.drop())
      await Promise.all(viewers)
    }
    await Promise.all(Array.from({ length: 8 }, async (_, lane) => {
      for (let run = lane * 30 + 1; run <= lane * 30 + 30; run++) await write(run)
    }))

    expect(given.length).toBeGreaterThan(1_000)
    expect(lost).toBeGreaterThan(20)
    for (const { run, bytes } of given) expect(bytes.every(byte => byte === run)).toBe(true)
    await log.close?.()
  })

  it('keeps 10 000 ended runs within its bound', async () => {
    const frame = new TextEncoder().encode(`data: ${'x'.repeat(170)}\n\n`)
    const before = await memoryUsed()
    const log = createMemoryLog()
    for (let run = 0; run < 10_000; run++) {
      const writer = await log.create(`run-${run}`, META, LIFETIME, deaf)
      const stamper = new Stamper()
      for (let index = 0; index < 60; index++) writer.append(stamper.stamp([frame], [1]), 1)
      await writer.end({ outcome: 'complete' })
    }
    expect(await memoryUsed() - before).toBeLessThan(64 * 1024 * 1024 * 1.1)
    expect(await log.open('run-9999')).not.toBeNull()
    expect(await log.open('run-0')).toBeNull()
    await log.close?.()
  })

  it('keeps nothing of a run that has ended but its frames and its end', async () => {
    const log = createMemoryLog()
    const { producer, writer } = await begin(log)
    await writer.end({ outcome: 'complete' })
    await memoryUsed()
    expect(producer.deref()).toBeUndefined()
    expect(await log.open('run')).not.toBeNull()
    await log.close?.()
  })

  it('lets go of an ended log by itself when its time is over', async () => {
    vi.useFakeTimers()
    try {
      const log = createMemoryLog()
      const writer = await log.create('short', META, { running: 1, ended: 1_000 }, deaf)
      await writer.end({ outcome: 'complete' })
      expect(vi.getTimerCount()).toBe(1)
      await vi.advanceTimersByTimeAsync(1_100)
      expect(vi.getTimerCount()).toBe(0)
      expect(await log.open('short')).toBeNull()
    }
    finally {
      vi.useRealTimers()
    }
  })
})

/** A run that somebody watches, and whether its producer is still there. */
async function begin(log: StreamLog) {
  const producer = { ...deaf }
  const writer = await log.create('run', META, LIFETIME, producer)
  await log.touch('run', 60_000)
  return { producer: new WeakRef(producer), writer }
}

/** Heap and array bytes once the garbage is gone; V8 counts the arrays' part a turn later. */
async function memoryUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  for (let round = 0; round < 2; round++) {
    collect()
    await new Promise(resolve => setImmediate(resolve))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
