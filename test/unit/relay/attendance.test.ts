import { expect, it, vi } from 'vitest'
import { createAttendance } from '../../../src/runtime/server/relay/attendance'
import { createMemoryLog } from '../../../src/runtime/server/relay/logs/memory'
import { createFakeClock } from '../../support/fake-clock'

function create(grace: number | false) {
  const touch = vi.fn(async () => {})
  const clock = createFakeClock()
  return { touch, clock, attend: createAttendance(async () => ({ ...createMemoryLog(), touch }), grace, clock) }
}

it('says that a viewer is there, in time for nobody to think that it has left', async () => {
  const { touch, clock, attend } = create(900)
  attend('run', Promise.resolve())
  await vi.waitFor(() => expect(touch.mock.calls).toEqual([['run', 900]]))
  clock.pass(300)
  clock.pass(300)
  await vi.waitFor(() => expect(touch).toHaveBeenCalledTimes(3))
})

it('says once more when it leaves, from when on the grace counts, and never again', async () => {
  const { touch, clock, attend } = create(900)
  const leave = attend('run', Promise.resolve())
  await vi.waitFor(() => expect(touch).toHaveBeenCalledOnce())
  leave()
  leave()
  await vi.waitFor(() => expect(touch).toHaveBeenCalledTimes(2))
  clock.pass(10_000)
  expect(clock.waiting).toBe(0)
  expect(touch).toHaveBeenCalledTimes(2)
})

it('says nothing where a run goes on without viewers', async () => {
  const { touch, clock, attend } = create(false)
  attend('run', Promise.resolve())()
  await Promise.resolve()
  expect(touch).not.toHaveBeenCalled()
  expect(clock.waiting).toBe(0)
})
