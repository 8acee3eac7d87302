import { expect, it, vi } from 'vitest'
import { createDeadlines } from '../../../src/runtime/app/run/deadlines'
import { createFakePage } from '../../support/fake-page'

function watch(timeouts: { firstByte?: number, idle?: number, total?: number }) {
  const page = createFakePage()
  const expire = vi.fn()
  const deadlines = createDeadlines({ firstByte: Infinity, idle: Infinity, total: Infinity, ...timeouts }, page, expire)
  deadlines.sent()
  return { page, expire, deadlines }
}

it('expires when no first byte comes', () => {
  const { page, expire } = watch({ firstByte: 100 })
  page.advance(99)
  expect(expire).not.toHaveBeenCalled()
  page.advance(1)
  expect(expire).toHaveBeenCalledExactlyOnceWith('first_byte_timeout')
})

it('counts silence from the last byte, with one timer for all of them', () => {
  const { page, expire, deadlines } = watch({ firstByte: 1000, idle: 100 })
  for (let i = 0; i < 50; i++) {
    page.advance(99)
    deadlines.received(page.now())
    expect(page.pending.timers).toBe(1)
  }
  page.advance(99)
  expect(expire).not.toHaveBeenCalled()
  page.advance(1)
  expect(expire).toHaveBeenCalledExactlyOnceWith('idle_timeout')
})

it('ends a run that takes too long, however lively it is', () => {
  const { page, expire, deadlines } = watch({ idle: 100, total: 250 })
  for (let i = 0; i < 5; i++) {
    page.advance(50)
    deadlines.received(page.now())
  }
  expect(expire).toHaveBeenCalledExactlyOnceWith('total_timeout')
})

it('waits for the first byte anew when the request is sent again', () => {
  const { page, expire, deadlines } = watch({ firstByte: 100 })
  page.advance(80)
  deadlines.sent()
  page.advance(80)
  expect(expire).not.toHaveBeenCalled()
})

it('sets no timer without a deadline, and splits one that no timer can hold', () => {
  expect(watch({}).page.pending.timers).toBe(0)
  const { page, expire } = watch({ total: 2 ** 32 })
  page.advance(2 ** 31)
  expect(expire).not.toHaveBeenCalled()
  page.advance(2 ** 31)
  expect(expire).toHaveBeenCalledOnce()
})

it('clears its timer when closed', () => {
  const { page, deadlines } = watch({ firstByte: 100 })
  deadlines.close()
  expect(page.pending.timers).toBe(0)
})
