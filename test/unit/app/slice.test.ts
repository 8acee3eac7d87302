import { expect, it, vi } from 'vitest'
import { owesTurn, turn } from '../../../src/runtime/app/run/slice'
import { createFakePage } from '../../support/fake-page'
import { openTestStream } from '../../support/stream'

it('owes a page that can be seen a turn after 8 ms, and no other', () => {
  const page = createFakePage()
  expect(owesTurn(page, 0, 7)).toBe(false)
  expect(owesTurn(page, 0, 8)).toBe(true)
  page.show(false)
  expect(owesTurn(page, 0, 1000)).toBe(false)
  expect(owesTurn(createFakePage({ frames: false }), 0, 1000)).toBe(false)
})

it('lets tasks that wait run first, and leaves no port open', async () => {
  const order: string[] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    order.push('task')
    port1.close()
  }
  port2.postMessage(null)
  await turn().then(() => order.push('turn'))
  expect(order).toEqual(['task', 'turn'])
  await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('MessagePort'))
})

it('gives turns in the middle of one large chunk, too', async () => {
  const { stream, calls, page, written } = openTestStream()
  const run = stream.start('Hi')
  const frame = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`
  calls[0]!.emit(new TextEncoder().encode(frame.repeat(4000)))
  calls[0]!.finish()
  const work = vi.spyOn(page, 'now').mockImplementation(() => work.mock.calls.length * 3) // each look at the clock costs 3 ms
  const painting = setInterval(page.paint, 0)
  await run
  clearInterval(painting)
  const lengths = written.map(({ result }) => result.text.length)
  expect(lengths.filter(length => length > 0 && length < 20_000).length).toBeGreaterThan(1)
  expect(lengths.at(-1)).toBe(20_000)
})
