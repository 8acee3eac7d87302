import { expect, it, vi } from 'vitest'
import { createKeyedStates } from '../../../src/runtime/app/keyed'

it('makes one state per key, and ends it when the last user leaves', () => {
  const keyed = createKeyedStates()
  const create = vi.fn(() => ({ dispose: vi.fn() }))
  const { state, leave } = keyed.acquire('a', create)
  const other = keyed.acquire('a', create)
  expect(other.state).toBe(state)
  expect(keyed.acquire('b', create).state).not.toBe(state)
  leave()
  expect(state.dispose).not.toHaveBeenCalled()
  other.leave()
  expect(state.dispose).toHaveBeenCalledOnce()
  expect(keyed.acquire('a', create).state).not.toBe(state)
})

it('makes a state of its own where there is no key', () => {
  const keyed = createKeyedStates()
  const create = () => ({ dispose: vi.fn(), save: () => 1 })
  const { state, leave } = keyed.acquire(undefined, create)
  expect(keyed.acquire(undefined, create).state).not.toBe(state)
  expect(keyed.save()).toBeUndefined()
  leave()
  expect(state.dispose).toHaveBeenCalledOnce()
})

it('keeps a state that is to be kept for whoever comes next', () => {
  const keyed = createKeyedStates()
  const { state, leave } = keyed.acquire('a', () => ({ dispose: vi.fn() }))
  leave(true)
  expect(state.dispose).not.toHaveBeenCalled()
  expect(keyed.acquire('a', () => ({ dispose: vi.fn() })).state).toBe(state)
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
  browser.acquire('a', create).leave()
  browser.acquire('a', create)
  expect(create.mock.calls).toEqual([[[1, 2]], [undefined]])
  expect(createKeyedStates().save()).toBeUndefined()
})
