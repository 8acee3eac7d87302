import { request } from 'node:http'

/** Posts to a relay and counts events as they arrive; `delays` gets the way of each in milliseconds. */
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
      rest = count(rest + chunk.latin1Slice(), stream, delays)
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
    const end = text.indexOf('\n\n', at)
    if (end < 0) return text.slice(at)
    stream.events++
    if (delays) {
      const stamp = text.lastIndexOf('"t":', end)
      if (stamp > at) delays.push(now - Number.parseFloat(text.slice(stamp + 4, end)))
    }
    at = end + 2
  }
}
