import { describe, expect, it, vi } from 'vitest'
import type { ClientSink, Sink } from '../../src/runtime/server/relay/sink'

/** The far end of a sink. */
export interface SinkClient {
  /** Settles with the head of the answer. */
  head: () => Promise<{ status: number, headers: Record<string, string> }>
  /** The next bytes as text, `undefined` at the proper end; rejects when the body breaks. */
  read: () => Promise<string | undefined>
  leave: () => void
}

/** What holds for every sink. `open` makes one with a client that waits for its answer and reads only when told to. */
export function describeSink(name: string, open: () => Promise<{ sink: ClientSink, client: SinkClient }>): void {
  describe(`the ${name} sink`, () => {
    it('sends the head with the first bytes, each write as it comes, and the end', async () => {
      const { sink, client } = await open()
      const onGone = vi.fn()
      sink.onGone({ onGone })
      sink.head(201, { 'content-type': 'text/event-stream', 'x-one': '1' })
      sink.write(bytes('a'))
      expect(await client.head()).toMatchObject({ status: 201, headers: { 'content-type': 'text/event-stream', 'x-one': '1' } })
      expect(await client.read()).toBe('a')
      sink.write(bytes('b'))
      expect(await client.read()).toBe('b')
      sink.end()
      expect(await client.read()).toBeUndefined()
      await sink.drained()
      expect(onGone).not.toHaveBeenCalled()
    })

    it('can end without a body', async () => {
      const { sink, client } = await open()
      sink.head(204, { 'x-one': '1' })
      sink.end()
      expect(await client.head()).toMatchObject({ status: 204, headers: { 'x-one': '1' } })
      expect(await client.read()).toBeUndefined()
    })

    it('keeps what was written before the end for a reader that is late', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      sink.write(bytes('a'))
      sink.write(bytes('b'))
      sink.end()
      await client.head()
      let text = ''
      for (let part = await client.read(); part !== undefined; part = await client.read()) text += part
      expect(text).toBe('ab')
    })

    it('asks to wait when the reader is slower, and says when there is room again', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      const written = fill(sink)
      let room = false
      const drained = sink.drained().then(() => { room = true })
      await turns()
      expect(room).toBe(false)

      await client.head()
      let read = 0
      while (read < written) read += (await client.read())!.length
      await drained
      expect(sink.write(bytes('more'))).toBe(true)
      expect(await client.read()).toBe('more')
    })

    it('is drained after its end only when all has left', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      const written = fill(sink)
      sink.end()
      let left = false
      const drained = sink.drained().then(() => { left = true })
      await turns()
      expect(left).toBe(false)
      await client.head()
      let read = 0
      while (read < written) read += (await client.read())!.length
      expect(await client.read()).toBeUndefined()
      await drained
    })

    it('says that the client is gone, and waits for nothing then', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      fill(sink)
      const drained = sink.drained()
      await client.head()
      const gone = new Promise<void>(onGone => sink.onGone({ onGone }))
      client.leave()
      await gone
      await drained
      await sink.drained()
      sink.write(bytes('x'))
      sink.end()
      sink.destroy()
    })

    it('says that the client is gone before anything was sent', async () => {
      const { sink, client } = await open()
      const gone = new Promise<void>(onGone => sink.onGone({ onGone }))
      client.leave()
      await gone
      const late = vi.fn()
      sink.onGone({ onGone: late })
      expect(late).toHaveBeenCalledOnce()
      sink.end()
    })

    it('breaks the body when it is destroyed', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      sink.write(bytes('a'))
      await client.head()
      expect(await client.read()).toBe('a')
      sink.destroy()
      await expect(client.read()).rejects.toThrow()
      await sink.drained()
    })

    it('does nothing more after its end', async () => {
      const { sink, client } = await open()
      sink.head(200, {})
      sink.write(bytes('a'))
      sink.end()
      sink.write(bytes('b'))
      sink.end()
      await client.head()
      expect(await client.read()).toBe('a')
      expect(await client.read()).toBeUndefined()
    })
  })
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Writes until the sink asks to wait, well past what a socket's buffers take. */
function fill(sink: Sink): number {
  const piece = new Uint8Array(64 * 1024).fill(0x61)
  let written = 0
  do written += piece.length
  while (sink.write(piece))
  while (written < 16e6) {
    sink.write(piece)
    written += piece.length
  }
  return written
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}
