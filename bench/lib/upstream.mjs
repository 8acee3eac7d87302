import { once } from 'node:events'
import { createServer } from 'node:http'
import { formatEvent, LAST_EVENTS, readScenario } from './scenario.mjs'

/** The language-model API: answers every POST with the stream that its body asks for, or with its `status`, and counts what becomes of it. */
export async function startUpstream() {
  const counts = { opened: 0, closed: 0, finished: 0, bytes: 0, closedAt: [] }
  const upstream = { status: 200 }
  const server = createServer(async (request, response) => {
    counts.opened++
    response.on('close', () => {
      counts.closed++
      counts.closedAt.push(performance.now())
      if (response.writableFinished) counts.finished++
    })
    const body = await text(request)
    if (upstream.status !== 200) return response.writeHead(upstream.status).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const scenario = readScenario(body)
    if (scenario.perSecond > 0) sendPaced(response, scenario)
    else sendFlatOut(response, scenario, counts)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    /** Lets go of connections that are kept for later requests. */
    closeIdle: () => server.closeIdleConnections(),
    close() {
      server.close()
      server.closeAllConnections()
    },
  })
}

function sendPaced(response, { events, perSecond, pad }) {
  let index = 0
  const interval = 1000 / perSecond
  const send = () => {
    if (response.destroyed) return
    response.write(formatEvent(index++, pad))
    if (index === events) return response.end(LAST_EVENTS)
    timer = setTimeout(send, interval)
  }
  let timer = setTimeout(send, Math.random() * interval)
  response.on('close', () => clearTimeout(timer))
}

function sendFlatOut(response, { events, pad }, counts) {
  let index = 0
  const send = () => {
    let room = true
    while (room && index < events) {
      const event = formatEvent(index++, pad)
      counts.bytes += event.length
      room = response.write(event)
    }
    if (index === events && !response.writableEnded) response.end(LAST_EVENTS)
  }
  response.on('drain', send)
  send()
}

async function text(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
