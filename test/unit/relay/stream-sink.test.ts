import { expect, it, vi } from 'vitest'
import { createStreamSink } from '../../../src/runtime/server/relay/web/stream-sink'
import type { SinkClient } from '../../contracts/describe-sink'
import { describeSink } from '../../contracts/describe-sink'

describeSink('web stream', async () => {
  const request = new AbortController()
  const { sink, response } = createStreamSink(request.signal)
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const client: SinkClient = {
    async head() {
      const { status, headers } = await response
      return { status, headers: Object.fromEntries(headers) }
    },
    async read() {
      reader ??= (await response).body?.getReader()
      const result = await reader?.read()
      return result?.value && new TextDecoder().decode(result.value)
    },
    leave: () => request.abort(),
  }
  return { sink, client }
})

it('takes a cancelled body for a client that is gone', async () => {
  const { sink, response } = createStreamSink(new AbortController().signal)
  sink.write(Uint8Array.of(1))
  await (await response).body!.cancel()
  const onGone = vi.fn()
  sink.onGone({ onGone })
  expect(onGone).toHaveBeenCalledOnce()
})
