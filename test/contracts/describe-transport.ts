import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import type { Transport, TransportBody, TransportRequest } from '../../src/runtime/server/relay/transport'
import { chunk, listenRaw, SSE_HEAD } from '../support/raw-server'

export interface TransportTraits {
  /** It can be told to keep a connection that a fast upstream fills: bytes the upstream may push ahead. */
  aheadBytes: number
}

/** What holds for every transport, on real sockets. */
export function describeTransport(name: string, create: () => Transport, { aheadBytes }: TransportTraits): void {
  describe(`the ${name} transport`, () => {
    it('sends the request as it is and gives head and body of the answer', async () => {
      const server = await listenRaw(socket => socket.write(
        `HTTP/1.1 201 Created\r\nX-One: 1\r\nx-two: a\r\nx-two: b\r\ntransfer-encoding: chunked\r\n\r\n${chunk('Hel')}${chunk('lo')}${chunk('')}`,
      ))

      const { status, headers, body } = await create().open(toRequest(server.url), never())

      expect(status).toBe(201)
      expect(headers).toMatchObject({ 'x-one': '1', 'x-two': 'a, b' })
      expect(await readAll(body)).toEqual({ text: 'Hello', end: 'end' })
      expect(server.received[0]).toMatch(/^POST \/v1\/chat\?a=%20b HTTP\/1\.1\r\n/)
      expect(server.received[0]).toMatch(/x-key: secret\r\n/i)
      expect(server.received[0]!.endsWith('\r\n\r\n{"a":"ü"}'.replace('ü', '\u00C3\u00BC'))).toBe(true)
    })

    it('follows no redirect', async () => {
      const server = await listenRaw(socket => socket.write('HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n'))
      const { status, body } = await create().open(toRequest(server.url), never())
      body.cancel()
      expect(status).toBeGreaterThanOrEqual(300)
      expect(server.received.join('').match(/POST/g)).toHaveLength(1)
    })

    it('passes over 103 and other heads that are not final', async () => {
      const server = await listenRaw(socket => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n${SSE_HEAD}${chunk('a')}${chunk('')}`))
      const { status, body } = await create().open(toRequest(server.url), never())
      expect([status, await readAll(body)]).toEqual([200, { text: 'a', end: 'end' }])
    })

    it('inflates a compressed body', async () => {
      const packed = gzipSync('packed text')
      const server = await listenRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`)
        socket.write(packed)
      })
      const { body } = await create().open(toRequest(server.url), never())
      expect(await readAll(body)).toEqual({ text: 'packed text', end: 'end' })
    })

    it('holds a fast upstream while paused, and goes on where it was', async () => {
      let sent = 0
      const piece = 'x'.repeat(64 * 1024)
      const pieces = 400
      const server = await listenRaw((socket) => {
        socket.write(SSE_HEAD)
        const push = () => {
          while (sent < pieces * piece.length) {
            sent += piece.length
            if (!socket.write(chunk(piece))) return
          }
          socket.off('drain', push)
          socket.end(chunk(''))
        }
        socket.on('drain', push)
        push()
      })
      const { body } = await create().open(toRequest(server.url), never())
      let received = 0
      let ended = false
      body.start({
        chunk(bytes) {
          if (received === 0) body.pause()
          received += bytes.length
        },
        end() { ended = true },
        fail() {},
      })

      await settled(() => sent)
      expect(sent).toBeLessThan(aheadBytes)
      expect(ended).toBe(false)

      body.resume()
      await vi.waitUntil(() => ended, { timeout: 5000 })
      expect(received).toBe(pieces * piece.length)
    })

    it('closes the connection when cancelled, and tells the listener no more', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('a')))
      const { body } = await create().open(toRequest(server.url), never())
      const told: string[] = []
      body.start({
        chunk() {
          told.push('chunk')
          body.cancel()
          body.cancel()
        },
        end: () => told.push('end'),
        fail: () => told.push('fail'),
      })
      await vi.waitUntil(() => server.sockets[0]?.destroyed)
      expect(told).toEqual(['chunk'])
    })

    it('closes the connection when cancelled before it was read', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('a')))
      const { body } = await create().open(toRequest(server.url), never())
      body.cancel()
      await vi.waitUntil(() => server.sockets[0]?.destroyed)
    })

    it('keeps the connection of a body that ends when nothing more is wanted', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('last') + chunk('')))
      const transport = create()
      for (let index = 0; index < 3; index++) {
        const { body } = await transport.open(toRequest(server.url), never())
        await new Promise<void>(resolve => body.start({
          chunk() {
            body.finish()
            resolve()
          },
          end() {},
          fail() {},
        }))
        // The end came with the chunk; Node gives the connection back a few turns later.
        for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
      }
      expect(server.sockets).toHaveLength(1)
      await transport.close?.()
    })

    it('closes the connection of a body that goes on when nothing more is wanted', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('last')))
      const { body } = await create().open(toRequest(server.url), never())
      body.start({ chunk: () => body.finish(), end() {}, fail() {} })
      await vi.waitUntil(() => server.sockets[0]?.destroyed)
    })

    it('rejects with the signal\'s reason when aborted before the head, and closes the connection', async () => {
      const abort = new AbortController()
      const server = await listenRaw(() => abort.abort('because'))
      await expect(create().open(toRequest(server.url), abort.signal)).rejects.toBe('because')
      await vi.waitUntil(() => server.sockets[0]?.destroyed)
      await expect(create().open(toRequest(server.url), abort.signal)).rejects.toBe('because')
      expect(server.received.join('').match(/POST/g)).toHaveLength(1)
    })

    it('leaves an answer that has begun to its reader, whatever the signal does', async () => {
      const abort = new AbortController()
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('a')))
      const { body } = await create().open(toRequest(server.url), abort.signal)
      const reading = readAll(body, () => {
        if (abort.signal.aborted) return
        abort.abort('because')
        server.sockets[0]!.write(chunk('b') + chunk(''))
      })
      expect(await reading).toEqual({ text: 'ab', end: 'end' })
    })

    it.each<[title: string, onRequest: (socket: Socket) => void, text: string]>([
      ['a reset', socket => socket.write(SSE_HEAD + chunk('a'), () => setTimeout(() => socket.resetAndDestroy(), 20)), 'a'],
      ['an end within a chunk', socket => socket.end(`${SSE_HEAD}${chunk('a')}5\r\nab`), 'aab'],
      ['an end before the last chunk', socket => socket.end(SSE_HEAD + chunk('a')), 'a'],
      ['an end before the length is full', socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'), 'abc'],
    ])('fails with upstream_reset at %s in the body', async (_, onRequest, text) => {
      const server = await listenRaw(onRequest)
      const { body } = await create().open(toRequest(server.url), never())
      const seen = await readAll(body)
      expect(seen.end).toMatchObject({ code: 'upstream_reset' })
      expect(text.startsWith(seen.text)).toBe(true)
    })

    it('takes the end of the connection for the end of a body without length', async () => {
      const server = await listenRaw(socket => socket.end('HTTP/1.0 200 OK\r\n\r\nabc'))
      const { body } = await create().open(toRequest(server.url), never())
      expect(await readAll(body)).toEqual({ text: 'abc', end: 'end' })
    })

    it('rejects with upstream_unreachable when nobody listens, or the connection breaks before the head', async () => {
      const server = await listenRaw(socket => socket.resetAndDestroy())
      await expect(create().open(toRequest(server.url), never())).rejects.toMatchObject({ code: 'upstream_unreachable' })
      await expect(create().open(toRequest('http://127.0.0.1:1'), never())).rejects.toMatchObject({ code: 'upstream_unreachable' })
    })

    it.each(['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', 'localhost', '169.254.169.254', '10.0.0.1'])(
      'sends nothing to %s unless private addresses are allowed', async (host) => {
        const server = await listenRaw(() => {})
        const url = server.url.replace('127.0.0.1', host)
        await expect(create().open({ ...toRequest(url), allowPrivate: false }, never())).rejects.toMatchObject({ code: 'upstream_address_blocked' })
        expect(server.sockets).toHaveLength(0)
      })
  })
}

export function toRequest(url: string): TransportRequest {
  return {
    url: new URL(`${url}/v1/chat?a=%20b`),
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-key': 'secret' },
    body: new TextEncoder().encode('{"a":"ü"}'),
    allowPrivate: true,
    connectTimeout: 1000,
  }
}

export function never(): AbortSignal {
  return new AbortController().signal
}

/** Reads a body to its end, `'end'` or what it failed with. */
export function readAll(body: TransportBody, onChunk = () => {}): Promise<{ text: string, end: unknown }> {
  return new Promise((resolve) => {
    let text = ''
    body.start({
      chunk(bytes) {
        text += new TextDecoder().decode(bytes)
        onChunk()
      },
      end: () => resolve({ text, end: 'end' }),
      fail: error => resolve({ text, end: error }),
    })
  })
}

/** Waits until a count has stopped growing. */
async function settled(count: () => number): Promise<void> {
  let last = -1
  await vi.waitUntil(() => {
    const same = count() === last && last > 0
    last = count()
    return same
  }, { interval: 200, timeout: 5000 })
}
