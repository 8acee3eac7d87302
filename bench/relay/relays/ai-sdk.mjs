import { createServer } from 'node:http'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { convertToModelMessages, streamText } from 'ai'
import { createApp, eventHandler, readBody, toNodeListener } from 'h3'
import { serve, upstreamUrl } from '../../lib/serve.mjs'

/** The route of AI SDK's own guides: it reads the upstream and writes a format of its own. It ends the call with the reader. */
const { chatModel } = createOpenAICompatible({ name: 'bench', baseURL: `${upstreamUrl}/v1` })
serve(createServer(toNodeListener(createApp().use(eventHandler(async (event) => {
  const { messages } = await readBody(event)
  const leaving = new AbortController()
  event.node.res.once('close', () => leaving.abort())
  const parts = messages.map(({ role, content }) => ({ role, parts: [{ type: 'text', text: content }] }))
  return streamText({ model: chatModel('bench'), messages: await convertToModelMessages(parts), abortSignal: leaving.signal, onError() {} }).toUIMessageStreamResponse()
})))))
