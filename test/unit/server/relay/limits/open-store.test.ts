import { afterEach, expect, it, vi } from 'vitest'
import { createStoreOpener } from '../../../../../src/runtime/server/relay/limits/open-store'

afterEach(() => void vi.useRealTimers())

it('looks again for a Redis that could not be had, after a while', async () => {
  vi.useFakeTimers()
  const lines: string[] = []
  const redis = vi.fn(async () => { throw new Error('not yet') })
  const { open } = createStoreOpener(redis, { warn() {}, error: line => lines.push(line) })
  const store = await open()
  expect((await store.hit('a')).count).toBe(1)
  await open()
  expect(redis).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(10_000)
  expect((await (await open()).hit('a')).count).toBe(2) // what was counted meanwhile holds
  expect(redis).toHaveBeenCalledTimes(2)
  expect(lines).toEqual([expect.stringContaining('No Redis')])
})
