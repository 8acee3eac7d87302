import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer, request } from 'node:http'
import { expect, it, onTestFinished, vi } from 'vitest'
import { hello, startWholeRelay } from './support/relay'

/** A proxy as development servers have it: it writes on while the body comes, and answers 502 when that breaks. */
async function startProxy(target: string): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const call = request(target + incoming.url, { method: incoming.method, headers: incoming.headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    call.on('error', () => outgoing.headersSent || outgoing.writeHead(502).end())
    incoming.pipe(call)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

it('is answered where a proxy goes on writing it', async () => {
  const { url, upstream } = await startWholeRelay({ limits: { rate: false, ipRate: false } })
  const proxy = await startProxy(url)
  const statuses = new Map<number, number>()
  for (let round = 0; round < 100; round++) {
    const response = await fetch(`${proxy}/api/llm/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'x'.repeat(300_000 + round * 10_000) })
    await response.text()
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
  }
  expect([...statuses]).toEqual([[413, 100]])
  expect(upstream.calls).toHaveLength(0)
})

it('leaves the connection usable when all of it was read', async () => {
  const { url } = await startWholeRelay()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let text = ''
  socket.on('data', bytes => text += bytes)
  const ask = (body: string) => socket.write(`POST /api/llm/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  ask('{"no JSON')
  await vi.waitFor(() => expect(text).toMatch(/^HTTP\/1.1 400 [\s\S]*invalid_request/))
  ask(JSON.stringify(hello))
  await vi.waitFor(() => expect(text).toContain('[DONE]'))
  socket.destroy()
})
