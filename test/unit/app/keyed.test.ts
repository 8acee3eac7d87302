import { expect, it, vi } from 'vitest'
import { createKeyedStates } from '../../../src/runtime/app/keyed'

it('makes one state per key, and ends it when the last user leaves', () => {
  const keyed = createKeyedStates()
  const create = vi.fn(() => ({ dispose: vi.fn() }))
  const state = keyed.acquire('a', create)
  expect(keyed.acquire('a', create)).toBe(state)
  expect(keyed.acquire('b', create)).not.toBe(state)
  keyed.release('a')
  expect(state.dispose).not.toHaveBeenCalled()
  keyed.release('a')
  expect(state.dispose).toHaveBeenCalledOnce()
  expect(keyed.acquire('a', create)).not.toBe(state)
})

it('keeps a state that is to be kept for whoever comes next', () => {
  const keyed = createKeyedStates()
  const state = keyed.acquire('a', () => ({ dispose: vi.fn() }))
  keyed.release('a', true)
  expect(state.dispose).not.toHaveBeenCalled()
  expect(keyed.acquire('a', () => ({ dispose: vi.fn() }))).toBe(state)
  keyed.dispose()
  expect(state.dispose).toHaveBeenCalledOnce()
})

it('saves what is worth it, and gives it to the first user of the key, once', () => {
  const server = createKeyedStates()
  server.acquire('a', () => ({ dispose() {}, save: () => [1, 2] }))
  server.acquire('b', () => ({ dispose() {}, save: () => undefined }))
  server.acquire('c', () => ({ dispose() {} }))
  expect(server.save()).toEqual({ a: [1, 2] })

  const browser = createKeyedStates(server.save())
  const create = vi.fn((_saved: unknown) => ({ dispose() {} }))
  browser.acquire('a', create)
  browser.release('a')
  browser.acquire('a', create)
  expect(create.mock.calls).toEqual([[[1, 2]], [undefined]])
  expect(createKeyedStates().save()).toBeUndefined()
})
