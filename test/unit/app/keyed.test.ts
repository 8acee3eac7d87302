import { expect, it, vi } from 'vitest'
import { createKeyedStates } from '../../../src/runtime/app/keyed'

/** Of a user whose options do not matter. */
const alone = () => {}

it('makes one state per key, and ends it when the last user leaves', () => {
  const keyed = createKeyedStates()
  const create = vi.fn(() => ({ dispose: vi.fn() }))
  const { state, leave } = keyed.acquire('a', create, alone)
  const other = keyed.acquire('a', create, alone)
  expect(other.state).toBe(state)
  expect(keyed.acquire('b', create, alone).state).not.toBe(state)
  leave()
  expect(state.dispose).not.toHaveBeenCalled()
  other.leave()
  expect(state.dispose).toHaveBeenCalledOnce()
  expect(keyed.acquire('a', create, alone).state).not.toBe(state)
})

it('makes a state of its own where there is no key', () => {
  const keyed = createKeyedStates()
  const create = () => ({ dispose: vi.fn(), save: () => 1 })
  const { state, leave } = keyed.acquire(undefined, create, alone)
  expect(keyed.acquire(undefined, create, alone).state).not.toBe(state)
  expect(keyed.save()).toBeUndefined()
  leave()
  expect(state.dispose).toHaveBeenCalledOnce()
})

it('keeps a state that is to be kept for whoever comes next', () => {
  const keyed = createKeyedStates()
  const { state, leave } = keyed.acquire('a', () => ({ dispose: vi.fn() }), alone)
  leave(true)
  expect(state.dispose).not.toHaveBeenCalled()
  expect(keyed.acquire('a', () => ({ dispose: vi.fn() }), alone).state).toBe(state)
  keyed.dispose()
  expect(state.dispose).toHaveBeenCalledOnce()
})

it('lets the first of its users lead, and the next when that one has gone', () => {
  const keyed = createKeyedStates()
  const create = () => ({ dispose() {}, leader: '' })
  const use = (name: string) => keyed.acquire('a', create, (state) => { state.leader = name })
  const [one, two, three] = [use('one'), use('two'), use('three')]
  expect(one.state.leader).toBe('one')
  two.leave()
  expect(one.state.leader).toBe('one')
  one.leave()
  expect(three.state.leader).toBe('three')
  three.leave(true)
  expect(use('four').state).toBe(one.state)
  expect(one.state.leader).toBe('four')
})

it('saves what is worth it, and gives it to the first user of the key, once', () => {
  const server = createKeyedStates()
  server.acquire('a', () => ({ dispose() {}, save: () => [1, 2] }), alone)
  server.acquire('b', () => ({ dispose() {}, save: () => undefined }), alone)
  server.acquire('c', () => ({ dispose() {} }), alone)
  expect(server.save()).toEqual({ a: [1, 2] })

  const browser = createKeyedStates(server.save())
  const create = vi.fn((_saved: unknown) => ({ dispose() {} }))
  browser.acquire('a', create, alone).leave()
  browser.acquire('a', create, alone)
  expect(create.mock.calls).toEqual([[[1, 2]], [undefined]])
  expect(createKeyedStates().save()).toBeUndefined()
})
