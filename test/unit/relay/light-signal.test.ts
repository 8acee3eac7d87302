import { expect, it } from 'vitest'
import { LightSignal, onAbort } from '../../../src/runtime/server/relay/light-signal'

it('tells each listener once, and keeps the first reason', () => {
  const signal = new LightSignal()
  const told: string[] = []
  signal.addEventListener('abort', () => told.push(`one: ${signal.reason}`))
  signal.addEventListener('abort', () => told.push(`two: ${signal.reason}`))
  signal.throwIfAborted()
  signal.abort('stop')
  signal.abort('orphaned')
  expect(told).toEqual(['one: stop', 'two: stop'])
  expect(signal.aborted).toBe(true)
  expect(() => signal.throwIfAborted()).toThrow('stop')
})

it('tells nobody who has left, and lets a listener leave while it is told', () => {
  const signal = new LightSignal()
  const told: string[] = []
  const left = () => told.push('left')
  const leaving = () => {
    told.push('leaving')
    signal.removeEventListener('abort', leaving)
  }
  signal.addEventListener('abort', left)
  signal.addEventListener('abort', leaving)
  signal.addEventListener('abort', () => told.push('last'))
  signal.removeEventListener('abort', left)
  signal.abort('stop')
  expect(told).toEqual(['leaving', 'last'])
})

it('gives an AbortSignal of the same reason, before and after it has aborted', () => {
  const signal = new LightSignal()
  const early = signal.toAbortSignal()
  expect(early.aborted).toBe(false)
  signal.abort('stop')
  expect([early.reason, signal.toAbortSignal().reason]).toEqual(['stop', 'stop'])
})

it('is listened to from now on, or too late, until that is taken back', () => {
  const signal = new LightSignal()
  const told: string[] = []
  onAbort(signal, () => told.push('early'))
  const unlink = onAbort(signal, () => told.push('unlinked'))
  unlink()
  signal.abort('stop')
  onAbort(signal, () => told.push('late'))
  expect(told).toEqual(['early', 'late'])
})
