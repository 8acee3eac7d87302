import { describe, expect, it, vi } from 'vitest'
import { DONE, event, finish, splitError } from '../../support/chat-frames'
import type { StartFaultRelay } from '../../support/fault-relay'
import { chunk, listenRaw, SSE_HEAD } from '../../support/raw-server'

const two = event('a') + event('b')

/** How a stream ends, well or not (faults.md). */
export function describeEndings(name: string, start: StartFaultRelay): void {
  describe(`endings over ${name}`, () => {
    it('F1: says a reset in mid-stream in one error frame, and does not try again', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(two), () => setTimeout(() => socket.resetAndDestroy(), 20)))
      const relay = await start(server.url, { upstream: { retries: 2 } })
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toBe(two)
      expect(error).toMatchObject({ code: 'upstream_reset', retryable: true, status: 502 })
      expect(await relay.record()).toMatchObject({ outcome: 'failed', reason: 'upstream_reset', attempts: 1, events: 2 })
      expect(server.sockets).toHaveLength(1)
    })

    it('F1: takes a reset after the finish reason for the end', async () => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(two + finish('length')), () => setTimeout(() => socket.resetAndDestroy(), 20)))
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(two + finish('length'))
      expect(await relay.record()).toMatchObject({ outcome: 'length' })
    })

    it.each([
      ['a chunk', `${SSE_HEAD}${chunk(two)}40\r\ndata: {"cho`, 'upstream_reset'],
      ['an event', SSE_HEAD + chunk(`${two}data: {"choices":[]}\n`) + chunk(''), 'upstream_truncated'],
    ])('F2: never forwards the part of an event that an end within %s leaves', async (_, bytes, code) => {
      const server = await listenRaw(socket => socket.end(bytes))
      const relay = await start(server.url)
      const { before, error } = splitError(await (await relay.post()).text())
      expect(two.startsWith(before)).toBe(true)
      expect(error).toMatchObject({ code, retryable: true })
    })

    it.each([
      ['without a finish reason', two],
      ['with one of two choices finished', two + event('c', 1) + finish()],
      ['with a finish reason that says nothing', two + finish('')],
    ])('F3: calls an end %s truncated', async (_, text) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(text) + chunk('')))
      const relay = await start(server.url)
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toBe(text)
      expect(error).toMatchObject({ code: 'upstream_truncated', retryable: true })
      expect(await relay.record()).toMatchObject({ outcome: 'truncated', reason: 'upstream_truncated' })
    })

    it.each([
      ['stop', event('a') + finish(), 'complete'],
      ['length', event('a') + finish('length'), 'length'],
      ['content_filter', event('a') + finish('content_filter'), 'content-filter'],
      ['tool_calls', event('a') + finish('tool_calls'), 'tool-calls'],
      ['two choices', event('a') + event('b', 1) + finish('length') + finish('stop', 1), 'length'],
    ])('F4: takes an end after the finish reason for what it says (%s), and invents nothing', async (_, text, outcome) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(text) + chunk('')))
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(text)
      const record = await relay.record()
      expect(record).toMatchObject({ outcome })
      expect(record.reason).toBeUndefined()
    })

    it.each([['LF', '\n'], ['CRLF', '\r\n'], ['CR', '\r']])('F16: gives the same bytes wherever they were cut, with %s', async (_, lineEnd) => {
      const text = event('ü😀 \\n\\n \u2028 x') + finish() + DONE
      const server = await listenRaw((socket) => {
        socket.setNoDelay(true)
        socket.write(SSE_HEAD)
        for (const byte of Buffer.from(text.replaceAll('\n', lineEnd))) socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]))
        socket.write(chunk(''))
      })
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(text)
      expect(await relay.record()).toMatchObject({ outcome: 'complete', events: 3 })
    })

    it('F16: drops a code point that the end cuts', async () => {
      const bytes = Buffer.from(`${event('a')}data: {"choices":[{"delta":{"content":"ü`).subarray(0, -1)
      const server = await listenRaw((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${bytes.length}\r\n\r\n`)
        socket.write(bytes)
      })
      const relay = await start(server.url)
      const { before, error } = splitError(await (await relay.post()).text())
      expect(before).toBe(event('a'))
      expect(error).toMatchObject({ code: 'upstream_truncated' })
    })

    it.each([
      ['data after it', `${two}${DONE}${event('late')}`],
      ['a second one', `${two}${DONE}${DONE}`],
      ['no space', `${two}data:[DONE]\n\n${event('late')}`],
    ])('F21: ends at [DONE] and closes the upstream, with %s', async (_, text) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(text)))
      const relay = await start(server.url)
      const end = text.indexOf('[DONE]\n\n') + '[DONE]\n\n'.length
      expect(await (await relay.post()).text()).toBe(text.slice(0, end))
      expect(await relay.record()).toMatchObject({ outcome: 'complete', events: 3 })
      await vi.waitUntil(() => server.sockets[0]!.destroyed)
    })

    it.each(['data: [DONE]\n', 'data: [DONE]'])('F21: completes a [DONE] that the end cuts short (%j)', async (last) => {
      const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk(event('a') + finish() + last) + chunk('')))
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(event('a') + finish() + DONE)
    })

    it('F35: reads HTTP/1.0 without a length to its end', async () => {
      const server = await listenRaw(socket => socket.end(`HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${two}${finish()}`))
      const relay = await start(server.url)
      expect(await (await relay.post()).text()).toBe(two + finish())
      expect(await relay.record()).toMatchObject({ outcome: 'complete' })
    })

    it('F35: calls HTTP/1.0 without a length and a finish reason truncated', async () => {
      const server = await listenRaw(socket => socket.end(`HTTP/1.0 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n${two}`))
      const relay = await start(server.url)
      expect(splitError(await (await relay.post()).text()).error).toMatchObject({ code: 'upstream_truncated' })
    })
  })
}
