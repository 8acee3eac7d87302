import zlib, { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { DONE, event, finish, splitError } from '../../support/chat-frames'
import type { StartFaultRelay } from '../../support/fault-relay'
import { chunk, listenRaw, SSE_HEAD } from '../../support/raw-server'

/** Answers that are too much (faults.md). */
export function describeSizes(name: string, start: StartFaultRelay, { brokenGzip = 'upstream_reset' } = {}): void {
  describe(`sizes over ${name}`, () => {
    it('F17: gives up an event without an end at eventBytes, and keeps no more of it than that', async () => {
      let sent = 0
      const filling = chunk('x'.repeat(64 * 1024))
      const server = await listenRaw((socket) => {
        socket.write(SSE_HEAD + chunk(`${event('a')}data: `))
        const push = () => {
          do sent += 64 * 1024
          while (sent < 100e6 && socket.write(filling))
        }
        socket.on('drain', push)
        push()
      })
      const relay = await start(server.url)
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toBe(event('a'))
      expect(error).toMatchObject({ code: 'event_too_large', retryable: false })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
      expect(sent).toBeLessThan(20e6)
    })

    it('F18: ends an endless stream at streamBytes', async () => {
      const server = await listenRaw((socket) => {
        socket.write(SSE_HEAD)
        const push = () => { while (!socket.destroyed && socket.write(chunk(event('x'.repeat(50)).repeat(20)))); }
        socket.on('drain', push)
        push()
      })
      const relay = await start(server.url, { limits: { streamBytes: 200_000 } })
      const text = await (await relay.post()).text()
      const { before, error } = splitError(text)
      expect(error).toMatchObject({ code: 'stream_limit' })
      expect(before.length).toBeLessThanOrEqual(200_000)
      expect(before.endsWith('\n\n')).toBe(true)
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it('F18: ends an endless trickle at total', async () => {
      const server = await listenRaw((socket) => {
        socket.write(SSE_HEAD)
        const timer = setInterval(() => socket.write(chunk(event('a'))), 10)
        socket.on('close', () => clearInterval(timer))
      })
      const relay = await start(server.url, { timeouts: { total: 1_000 } })
      expect(splitError(await (await relay.post()).text()).error).toMatchObject({ code: 'total_timeout' })
    })

    it('F19: joins tiny events, and loses none', async () => {
      const count = 50_000
      const tiny = 'data: 1\n\n'
      const server = await listenRaw((socket) => {
        socket.write(SSE_HEAD)
        for (let sent = 0; sent < count; sent += 1000) socket.write(chunk(tiny).repeat(1000))
        socket.write(chunk(finish() + DONE) + chunk(''))
      })
      const relay = await start(server.url)
      const response = await relay.post()
      let reads = 0
      let length = 0
      const reader = response.body!.getReader()
      for (let { value } = await reader.read(); value; { value } = await reader.read()) {
        reads++
        length += value.length
      }
      expect(length).toBe(count * tiny.length + finish().length + DONE.length)
      expect(reads).toBeLessThan(count / 100)
      expect(await relay.record()).toMatchObject({ events: count + 2 })
    })

    it('caps a JSON answer at jsonBytes', async () => {
      const server = await listenRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"a":"')
        socket.write('x'.repeat(200_000))
      })
      const relay = await start(server.url, { limits: { jsonBytes: 100_000 } })
      const response = await relay.post({ stream: false })
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({ error: { code: 'stream_limit' } })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it('F33: passes compressed events on as they are flushed', async () => {
      const gzip = zlib.createGzip()
      let send = () => {}
      const server = await listenRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n')
        gzip.pipe(socket)
        send = () => {
          gzip.write(event('a'))
          gzip.flush(zlib.constants.Z_SYNC_FLUSH)
        }
        send()
      })
      const relay = await start(server.url)
      const reader = (await relay.post()).body!.getReader()
      const read = async () => new TextDecoder().decode((await reader.read()).value)
      expect(await read()).toBe(event('a'))
      send()
      expect(await read()).toBe(event('a'))
      gzip.end(finish() + DONE)
      expect(await read()).toBe(finish() + DONE)
    })

    it('F33: counts what a gzip bomb inflates to', async () => {
      const packed = gzipSync(event('x'.repeat(1000)).repeat(20_000))
      const server = await listenRaw((socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\n\r\n')
        socket.write(packed)
      })
      const relay = await start(server.url, { limits: { streamBytes: 500_000 } })
      expect(splitError(await (await relay.post()).text()).error).toMatchObject({ code: 'stream_limit' })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it.each([
      ['cut', (packed: Buffer) => packed.subarray(0, -12)],
      ['corrupt', (packed: Buffer) => Buffer.concat([packed.subarray(0, packed.length >> 1), Buffer.alloc(200, 0x55)])],
    ])('F33: calls a body whose gzip is %s broken', async (_, damage) => {
      const packed = damage(gzipSync(Array.from({ length: 200 }, (_, index) => event(`${index} ${Math.sin(index)}`)).join('')))
      const server = await listenRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`)
        socket.write(packed)
      })
      const relay = await start(server.url)
      const response = await relay.post()
      const error = response.status === 200 ? splitError(await response.text()).error : (await response.json()).error
      expect(error).toMatchObject({ code: brokenGzip })
    })
  })
}
