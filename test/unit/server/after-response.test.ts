import { createApp, eventHandler, toNodeListener } from 'h3'
import { expect, it, vi } from 'vitest'
import { delayAfterResponse, leaveOpen } from '../../../src/runtime/server/utils/after-response'
import { listen } from '../../support/relay-server'

/** An app whose handler returns before or after its answer has ended; `afterResponse` hears when it is told. */
async function startApp(endsFirst: boolean) {
  const afterResponse = vi.fn()
  const app = createApp({ onAfterResponse: ({ node: { res } }) => afterResponse(res.writableEnded) })
  delayAfterResponse(app)
  app.use('/plain', eventHandler(() => 'plain'))
  let end: (() => void) | undefined
  app.use('/open', eventHandler((event) => {
    event._handled = true
    const over = leaveOpen(event)
    const { res } = event.node
    end = () => {
      res.end()
      over()
    }
    res.write('open')
    if (endsFirst) end()
  }))
  const { url } = await listen(toNodeListener(app))
  return { url, afterResponse, end: () => end?.() }
}

it('tells afterResponse when an answer has ended that was left open', async () => {
  const { url, afterResponse, end } = await startApp(false)
  const response = await fetch(`${url}/open`)
  expect(await (await fetch(`${url}/plain`)).text()).toBe('plain')
  await vi.waitFor(() => expect(afterResponse.mock.calls).toEqual([[true]])) // the other one's
  end()
  expect(await response.text()).toBe('open')
  expect(afterResponse.mock.calls).toEqual([[true], [true]])
})

it('tells it once where the answer has ended first', async () => {
  const { url, afterResponse } = await startApp(true)
  expect(await (await fetch(`${url}/open`)).text()).toBe('open')
  await vi.waitFor(() => expect(afterResponse.mock.calls).toEqual([[true]]))
})

it('tells each app of a process about its own answers', async () => {
  const one = await startApp(false)
  const other = await startApp(false)
  const response = await fetch(`${one.url}/open`)
  one.end()
  await response.text()
  await vi.waitFor(() => expect(one.afterResponse).toHaveBeenCalledOnce())
  expect(other.afterResponse).not.toHaveBeenCalled()
})
