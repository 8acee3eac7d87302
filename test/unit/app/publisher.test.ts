import { describe, expect, it, vi } from 'vitest'
import { createPublisher } from '../../../src/runtime/app/run/publisher'
import { createFakePage } from '../../support/fake-page'

describe('once per frame', () => {
  it('writes once for all changes between two frames', () => {
    const page = createFakePage()
    const write = vi.fn()
    const publisher = createPublisher('frame', page, write)
    for (let i = 0; i < 100; i++) publisher.changed()
    expect(write).not.toHaveBeenCalled()
    page.paint()
    page.paint()
    expect(write).toHaveBeenCalledOnce()
  })

  it('uses a timer where nothing is painted', () => {
    const page = createFakePage({ frames: false })
    const write = vi.fn()
    createPublisher('frame', page, write).changed()
    page.advance(16)
    expect(write).toHaveBeenCalledOnce()
  })

  it('goes on by timer when the tab is hidden before the frame comes, and by frame when it is shown again', () => {
    const page = createFakePage()
    const write = vi.fn()
    const publisher = createPublisher('frame', page, write)
    publisher.changed()
    page.show(false)
    page.advance(250)
    expect(write).toHaveBeenCalledOnce()
    publisher.changed()
    page.show(true)
    expect(page.pending).toMatchObject({ timers: 0, frames: 1 })
    page.paint()
    expect(write).toHaveBeenCalledTimes(2)
  })
})

describe('at most every so many milliseconds', () => {
  it('writes at once after a rest, and then not before its time', () => {
    const page = createFakePage()
    const write = vi.fn()
    const publisher = createPublisher(60, page, write)
    publisher.flush()
    publisher.changed()
    page.advance(59)
    expect(write).toHaveBeenCalledOnce()
    page.advance(1)
    expect(write).toHaveBeenCalledTimes(2)
  })

  it('never writes more often in a hidden tab than in one that is shown', () => {
    const page = createFakePage()
    const write = vi.fn()
    const publisher = createPublisher(1000, page, write)
    publisher.flush()
    page.show(false)
    publisher.changed()
    page.advance(999)
    expect(write).toHaveBeenCalledOnce()
    page.advance(1)
    expect(write).toHaveBeenCalledTimes(2)
  })
})

it('writes with each change when told `sync`', () => {
  const write = vi.fn()
  const publisher = createPublisher('sync', createFakePage(), write)
  publisher.changed()
  publisher.changed()
  expect(write).toHaveBeenCalledTimes(2)
})

it('leaves nothing to be written after a flush', () => {
  const page = createFakePage()
  const write = vi.fn()
  const publisher = createPublisher('frame', page, write)
  publisher.changed()
  publisher.flush()
  page.paint()
  expect(write).toHaveBeenCalledOnce()
})

it('holds no timer, frame or listener once it is closed', () => {
  const page = createFakePage()
  const publisher = createPublisher('frame', page, () => {})
  publisher.changed()
  publisher.close()
  expect(page.pending).toEqual({ timers: 0, frames: 0, listeners: 0 })
})
