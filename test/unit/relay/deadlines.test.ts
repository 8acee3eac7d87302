import { expect, it } from 'vitest'
import { pause } from '../../../src/runtime/server/relay/clock'
import { Deadlines } from '../../../src/runtime/server/relay/deadlines'
import { createFakeClock } from '../../support/fake-clock'

function start() {
  const clock = createFakeClock()
  const fired: string[] = []
  const deadlines = new Deadlines(clock, { onDue: deadline => fired.push(`${deadline} at ${clock.now()}`) })
  return { clock, fired, deadlines }
}

it('fires each deadline when it is due, on one timer at a time', () => {
  const { clock, fired, deadlines } = start()
  const { due } = deadlines
  due.total = 100
  deadlines.rearm()
  due.firstByte = 30
  deadlines.rearm()
  due.byteIdle = 60
  deadlines.rearm()
  expect(clock.waiting).toBe(1)
  clock.pass(200)
  expect(fired).toEqual(['firstByte at 30', 'byteIdle at 60', 'total at 100'])
  expect(clock.waiting).toBe(0)
})

it('sets no timer when a deadline is moved later or taken back, however often', () => {
  const { clock, fired, deadlines } = start()
  const { due } = deadlines
  due.byteIdle = 50
  due.firstByte = 1000
  deadlines.rearm()
  for (let chunk = 1; chunk <= 40; chunk++) {
    clock.pass(1)
    due.byteIdle = clock.now() + 50
  }
  expect(clock.timers).toBe(1)
  due.firstByte = Infinity
  clock.pass(49)
  expect(fired).toEqual([])
  clock.pass(1)
  expect(fired).toEqual(['byteIdle at 90'])
  expect(clock.timers).toBe(2)
  expect(clock.waiting).toBe(0)
})

it('fires nothing and keeps no timer after it was stopped, even by one of its own', () => {
  const { clock, fired, deadlines } = start()
  deadlines.due.total = 10
  deadlines.rearm()
  deadlines.stop()
  deadlines.rearm()
  clock.pass(100)
  expect([fired, clock.waiting]).toEqual([[], 0])

  const other = new Deadlines(clock, { onDue: () => other.stop() })
  other.due.firstByte = other.due.total = clock.now() + 1
  other.rearm()
  clock.pass(10)
  expect(clock.waiting).toBe(0)
})

it('waits for what is further away than a timer can be set', () => {
  const { clock, fired, deadlines } = start()
  const { due } = deadlines
  due.total = 2 ** 32
  deadlines.rearm()
  clock.pass(2 ** 31)
  expect(fired).toEqual([])
  clock.pass(2 ** 31)
  expect(fired).toEqual([`total at ${2 ** 32}`])
})

it('pauses until the time is over or the signal aborts, and leaves nothing behind', async () => {
  const clock = createFakeClock()
  const abort = new AbortController()
  const over = pause(100, abort.signal, clock)
  clock.pass(100)
  await over
  const cut = pause(100, abort.signal, clock)
  abort.abort()
  await cut
  await pause(100, abort.signal, clock)
  expect(clock.waiting).toBe(0)
})
