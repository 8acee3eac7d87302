import { request } from 'node:http'
import { STAMP } from './scenario.mjs'

/**
 * Posts to a relay and counts events as they arrive, in whatever format; `delays` gets the way of each in milliseconds. Fails
 * when one is lost or out of order.
 */
export function openStream(url, body, { delays, onEvents } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers()
  const startedAt = performance.now()
  const stream = { events: 0, bytes: 0, firstByteMs: undefined, done: promise, response: undefined, destroy: () => call.destroy() }
  let rest = ''
  const call = request(`${url}/api/llm/chat/completions`, {
    method: 'POST', agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-requested-with': 'nuxt-llm-stream' },
  })
  call.on('response', (response) => {
    stream.response = response
    if (response.statusCode !== 200) return reject(new Error(`status ${response.statusCode}`))
    response.on('data', (chunk) => {
      stream.firstByteMs ??= performance.now() - startedAt
      stream.bytes += chunk.length
      try {
        rest = count(rest + chunk.latin1Slice(), stream, delays)
      }
      catch (error) {
        reject(error)
        call.destroy()
      }
      onEvents?.(stream)
    })
    response.on('end', () => resolve(stream))
    response.on('error', reject)
  })
  call.on('error', reject)
  promise.catch(() => {})
  call.end(body)
  return stream
}

function count(text, stream, delays) {
  const now = delays && performance.now()
  let at = 0
  for (;;) {
    const start = text.indexOf(STAMP, at)
    if (start < 0) return ''
    const end = text.indexOf(';', start)
    if (end < 0) return text.slice(start)
    const index = Number.parseInt(text.slice(start + 1, end), 10)
    if (index !== stream.events) throw new Error(`event ${index} came where ${stream.events} was due`)
    stream.events++
    if (delays) delays.push(now - Number.parseFloat(text.slice(text.indexOf(':', start) + 1, end)))
    at = end + 1
  }
}
