import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createMemoryStore } from '../../../../../src/runtime/server/relay/limits/memory-store'
import { BUDGET_WINDOW } from '../../../../../src/runtime/server/relay/limits/store'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('counts per key and minute', async () => {
  const store = createMemoryStore()
  expect(await store.hit('a')).toMatchObject({ count: 1 })
  expect(await store.hit('a')).toMatchObject({ count: 2 })
  expect(await store.hit('b')).toMatchObject({ count: 1 })
  vi.advanceTimersByTime(60_000)
  expect(await store.hit('a')).toMatchObject({ count: 1 })
})

it('never asks anyone to wait longer than the window, whatever the clock says', async () => {
  const store = createMemoryStore()
  await store.hit('a')
  vi.setSystemTime(Date.now() - 3_600_000)
  expect((await store.hit('a')).endsInMs).toBeLessThanOrEqual(60_000)
  vi.setSystemTime(Date.now() + 7_200_000)
  expect(await store.hit('a')).toMatchObject({ count: 1 })
})

it('gives out slots up to the limit, and takes each back once', async () => {
  const store = createMemoryStore()
  const first = await store.acquire('a', 2)
  const second = await store.acquire('a', 2)
  expect(await store.acquire('a', 2)).toBeUndefined()
  expect(await store.acquire('b', 2)).toBeDefined()
  first!.release()
  first!.release()
  expect(await store.acquire('a', 2)).toBeDefined()
  expect(await store.acquire('a', 2)).toBeUndefined()
  second!.release()
  expect(await store.acquire('a', 2)).toBeDefined()
})

it('sets tokens aside and charges what was used', async () => {
  const store = createMemoryStore()
  const reservation = await store.reserve('a', 80, 100)
  expect(await store.reserve('a', 30, 100)).toMatchObject({ granted: false })
  if (reservation.granted) reservation.settle(60)
  expect(await store.reserve('a', 40, 100)).toMatchObject({ granted: true })
  expect(await store.reserve('a', 1, 100)).toMatchObject({ granted: false })
})

it('begins a new budget a day after the first token, and charges no old run to it', async () => {
  const store = createMemoryStore()
  const reservation = await store.reserve('a', 100, 100)
  expect(await store.reserve('a', 1, 100)).toEqual({ granted: false, endsInMs: BUDGET_WINDOW })
  vi.advanceTimersByTime(BUDGET_WINDOW)
  expect(await store.reserve('a', 100, 100)).toMatchObject({ granted: true })
  if (reservation.granted) reservation.settle(0)
  expect(await store.reserve('a', 1, 100)).toMatchObject({ granted: false })
})
