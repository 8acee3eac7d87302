import { describe, expect, it, vi } from 'vitest'
import { event, finish, splitError } from '../../support/chat-frames'
import type { StartFaultRelay } from '../../support/fault-relay'
import { chunk, listenRaw, SSE_HEAD } from '../../support/raw-server'

/** An upstream that says nothing, or nothing that counts (faults.md). */
export function describeSilences(name: string, start: StartFaultRelay): void {
  describe(`silences over ${name}`, () => {
    it('F5: beats while the upstream is silent, and gives it up at byteIdle', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(event('a'))))
      const relay = await start(server.url, { heartbeat: 40, timeouts: { byteIdle: 400 } })
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toMatch(/^(?::\n\n)*data: [^\n]*\n\n(?::\n\n){2,}$/) // a slow machine may beat before the upstream is reached
      expect(error).toMatchObject({ code: 'idle_timeout', status: 504, retryable: true })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
      expect(await relay.record()).toMatchObject({ outcome: 'failed', reason: 'idle_timeout', attempts: 1 })
    })

    it('F5: takes silence after the finish reason for the end', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(event('a') + finish())))
      const relay = await start(server.url, { timeouts: { byteIdle: 60 } })
      expect(await (await relay.post()).text()).toBe(event('a') + finish())
      expect(await relay.record()).toMatchObject({ outcome: 'complete' })
    })

    it.each([['headers, then nothing', SSE_HEAD], ['nothing at all', '']])('F6: answers 504 at firstByte (%s)', async (_, head) => {
      const server = await listenRaw(socket => socket.write(head))
      const relay = await start(server.url, { heartbeat: 5000, timeouts: { firstByte: 60 }, upstream: { retries: 2 } })
      const response = await relay.post()
      expect(response.status).toBe(504)
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout', retryable: true } })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
      expect(await relay.record()).toMatchObject({ status: 504, attempts: 1 })
    })

    it('F6: says it in a frame when a heartbeat took the status', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD))
      const relay = await start(server.url, { heartbeat: 20, timeouts: { firstByte: 120 } })
      const response = await relay.post()
      expect(response.status).toBe(200)
      const { before, error } = splitError(await response.text())
      expect(before).toMatch(/^(?::\n\n)+$/)
      expect(error).toMatchObject({ code: 'upstream_timeout' })
    })

    it.each([
      ['eventIdle', { eventIdle: 120, byteIdle: 100 }, 'idle_timeout'],
      ['total', { total: 120 }, 'total_timeout'],
    ])('F7: ends a trickle that never makes an event at %s', async (_, timeouts, code) => {
      const server = await listenRaw(socket => trickle(socket, SSE_HEAD, chunk('d'), 20))
      const relay = await start(server.url, { timeouts })
      const response = await relay.post()
      expect(response.status).toBe(504)
      expect(await response.json()).toMatchObject({ error: { code } })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it('F8: ends a run of which only pings are left at eventIdle, and beats meanwhile', async () => {
      const server = await listenRaw(socket => trickle(socket, SSE_HEAD + chunk(event('a')), chunk(': ping\n\n'), 20))
      const relay = await start(server.url, { heartbeat: 40, timeouts: { eventIdle: 150, byteIdle: 100 } })
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toMatch(/^(?::\n\n)*data: [^\n]*\n\n(?::\n\n)+$/) // a slow machine may beat before the upstream is reached
      expect(error).toMatchObject({ code: 'idle_timeout' })
    })

    it('beats before the upstream has said anything, and then gives its answer whole', async () => {
      const asked = Promise.withResolvers<import('node:net').Socket>()
      const server = await listenRaw(asked.resolve)
      const relay = await start(server.url, { heartbeat: 20 })
      const response = await relay.post()
      const socket = await asked.promise // a beat may be earlier
      socket.write(SSE_HEAD + chunk(event('a') + finish()) + chunk(''))
      expect(await response.text()).toMatch(/^(?::\n\n)+data: [^\n]*\n\ndata: [^\n]*\n\n$/)
    })

    it('does not beat into a JSON answer', async () => {
      const body = '{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}'
      const server = await listenRaw((socket) => {
        setTimeout(() => socket.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length + 2}\r\n\r\n\n\n${body}`), 100)
      })
      const relay = await start(server.url, { heartbeat: 20, timeouts: { firstByte: 50 } })
      const response = await relay.post({ stream: false })
      expect(await response.text()).toBe(body)
      expect(await relay.record()).toMatchObject({ outcome: 'complete', status: 200 })
    })
  })
}

function trickle(socket: import('node:net').Socket, head: string, piece: string, ms: number): void {
  socket.write(head)
  const timer = setInterval(() => socket.write(piece), ms)
  socket.on('close', () => clearInterval(timer))
}
