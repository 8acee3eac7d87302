import { expect, it, vi } from 'vitest'
import { followLog } from '../../../src/runtime/server/relay/follow'
import { createMemoryLog } from '../../../src/runtime/server/relay/logs/memory'
import type { Sink } from '../../../src/runtime/server/relay/sink'
import { createFakeClock } from '../../support/fake-clock'

const META = { owner: 'o', upstream: 'default', protocol: 'chat', model: 'm' } as const

/** A run of one frame that has ended. */
async function createEndedLog() {
  const log = createMemoryLog()
  const writer = await log.create('run', META, { running: 60_000, ended: 60_000 }, { stop() {}, orphan() {}, lost() {} })
  writer.append(new TextEncoder().encode('id: 2\ndata: x\n\n'), 1)
  await writer.end({ outcome: 'complete' })
  return log
}

it('cuts off a viewer that does not take the last of a run', async () => {
  const log = await createEndedLog()
  let gone = () => {}
  const sink: Sink = { head() {}, write: () => true, drained: () => new Promise((resolve) => { gone = resolve }), end: vi.fn(), destroy: vi.fn(() => gone()) }
  const clock = createFakeClock()
  const { signal } = new AbortController()
  const served = followLog({ log, id: 'run', after: 0, sink, atOnce: false, headers: {}, requestId: 'r', heartbeat: false, patience: 1000, signal, clock })
  await vi.waitFor(() => expect(sink.end).toHaveBeenCalled())
  clock.pass(999)
  expect(sink.destroy).not.toHaveBeenCalled()
  clock.pass(1)
  expect(sink.destroy).toHaveBeenCalled()
  await served
  expect(clock.waiting).toBe(0)
  await log.close?.()
})

it('leaves no timer behind where a sink throws', async () => {
  const log = await createEndedLog()
  const broken = () => { throw new Error('broken') }
  const sink: Sink = { head() {}, write: broken, drained: async () => {}, end: broken, destroy() {} }
  const clock = createFakeClock()
  const { signal } = new AbortController()
  const served = followLog({ log, id: 'run', after: 0, sink, atOnce: false, headers: {}, requestId: 'r', heartbeat: 1000, patience: 1000, signal, clock })
  await expect(served).rejects.toThrow('broken')
  expect(clock.waiting).toBe(0)
  await log.close?.()
})
