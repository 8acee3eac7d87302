import { createParser } from 'eventsource-parser'
import { chunksOf, fetchOf } from '../client/wire.mjs'
import { collectStream, initialState, readStream, reduceStream } from '../.build/protocol.js'

/**
 * One reader, one answer, one process: prints milliseconds of the fastest round. It is the main thread's own time, which
 * other work on the machine stretches least.
 */
const { name, deltas, chunkBytes, rounds } = JSON.parse(process.argv[2])
const words = Array.from({ length: deltas }, (_, index) => `${String(index % 10_000).padStart(4, '0')} `)
const chunks = chunksOf('chat', words, chunkBytes)
const text = words.join('')

const readers = {
  /** What anyone has to do. It joins the text, so that it can be seen to have read it. */
  async limit(body) {
    let text = ''
    const decoder = new TextDecoder()
    const parser = createParser({
      onEvent({ data }) {
        if (data !== '[DONE]') text += JSON.parse(data).choices[0].delta.content ?? ''
      },
    })
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text
      parser.feed(decoder.decode(value, { stream: true }))
    }
  },
  async collect(body) {
    return (await collectStream(body, { protocol: 'chat' })).text
  },
  async iterate(body) {
    let state = initialState()
    for await (const event of readStream(body, { protocol: 'chat' })) state = reduceStream(state, event)
    return state.choices[0].parts[0].text
  },
}

async function once() {
  const { body } = await fetchOf(chunks)()
  globalThis.gc?.()
  const began = process.threadCpuUsage()
  const read = await readers[name](body)
  const { user, system } = process.threadCpuUsage(began)
  if (read !== text) throw new Error(`${name} reads ${read.length} characters instead of ${text.length}.`)
  return (user + system) / 1000
}

const times = []
for (let round = 0; round <= rounds; round++) times.push(await once())
console.log(JSON.stringify(Math.min(...times.slice(1)))) // the first one warms up
