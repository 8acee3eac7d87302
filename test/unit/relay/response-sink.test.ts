import type { IncomingMessage, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { request } from 'node:http'
import type { SinkClient } from '../../contracts/describe-sink'
import { describeSink } from '../../contracts/describe-sink'
import { listen } from '../../support/relay-server'
import { createResponseSink } from '../../../src/runtime/server/relay/node/response-sink'

describeSink('Node response', async () => {
  const arrived = Promise.withResolvers<[ServerResponse, IncomingMessage]>()
  const { url } = await listen((request, response) => arrived.resolve([response, request]))
  const call = request(url, { agent: false })
  call.on('error', () => {}) // a client that leaves
  call.end()
  const answered = once(call, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => {})
  let pieces: AsyncIterator<Buffer> | undefined
  const client: SinkClient = {
    async head() {
      const [{ statusCode, headers }] = await answered
      return { status: statusCode!, headers: headers as Record<string, string> }
    },
    async read() {
      const [response] = await answered
      pieces ??= response[Symbol.asyncIterator]()
      const { value } = await pieces.next()
      return value && String(value)
    },
    leave: () => call.destroy(),
  }
  return { sink: createResponseSink(...await arrived.promise), client }
})
