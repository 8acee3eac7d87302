import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  contentType, createFakeUpstream, cutAfter, endAfter, giantEventAfter, gzipped, halfFrameAfter, hangUp, holdAfter, htmlPage,
  pingAfter, redirect, resetAfter, silence, slowHead, stallAfter, trickle,
} from '../../../src/runtime/testing'
import type { FakeUpstream, Fault, HttpAnswer, Reply } from '../../../src/runtime/testing'

const open: FakeUpstream[] = []
afterEach(() => Promise.all(open.splice(0).map(upstream => upstream.close())))

async function listen(reply: Reply) {
  const upstream = createFakeUpstream({ respond: () => reply })
  open.push(upstream)
  return { upstream, ...await upstream.listen() }
}

/** Two good frames and a third, whatever happens to them: short enough to be compared whole. */
const frames = ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']
const broken = (...faults: Fault[]): Reply =>
  faults.reduce<HttpAnswer>((answer, fault) => fault(answer), { headers: { 'content-type': 'text/event-stream' }, body: frames })

/** Reads an answer by real HTTP, and tells its text and how it ended. */
async function read(url: string): Promise<{ text: string, end: string }> {
  const response = await answerOf(url)
  let text = ''
  try {
    for await (const chunk of response) text += chunk
    return { text, end: 'end' }
  }
  catch (error) {
    return { text, end: String((error as NodeJS.ErrnoException).code) }
  }
}

function answerOf(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent: false }, resolve).on('error', reject).end('{"stream":true}')
  })
}

/** Everything that comes over a bare socket until it closes, or until `enough` says so. */
function readSocket(port: number, enough = (_: string) => false): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write('POST /chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}'))
    socket.on('data', (chunk) => {
      text += chunk
      if (enough(text)) socket.destroy()
    })
    socket.on('error', () => { text += '<reset>' })
    socket.on('close', () => resolve(text))
  })
}

describe('a fault on the wire', () => {
  it('ends properly after some chunks', async () => {
    const { url } = await listen(broken(endAfter(2)))
    expect(await read(url)).toEqual({ text: 'data: 1\n\ndata: 2\n\n', end: 'end' })
  })

  it('ends properly within a frame', async () => {
    const { url } = await listen(broken(halfFrameAfter(2)))
    expect(await read(url)).toEqual({ text: 'data: 1\n\ndata: 2\n\ndata', end: 'end' })
  })

  it('closes the connection within an HTTP chunk', async () => {
    const { url, port } = await listen(broken(cutAfter(2)))
    expect(await read(url)).toEqual({ text: 'data: 1\n\ndata: 2\n\ndata', end: 'ECONNRESET' })
    expect(await readSocket(port)).toMatch(/\r\n9\r\ndata: 2\n\n\r\n8\r\ndata$/)
  })

  it.each([0, 2])('resets the connection after %i chunks', async (chunks) => {
    const { upstream, url, port } = await listen(broken(resetAfter(chunks)))
    expect(await read(url)).toEqual({ text: frames.slice(0, chunks).join(''), end: 'ECONNRESET' })
    expect(await upstream.calls[0]!.ended).toBe('broken')
    expect(await readSocket(port)).toMatch(/<reset>$/)
  })

  it('sends the head and then nothing', async () => {
    const { upstream, url } = await listen(broken(stallAfter(0)))
    const response = await answerOf(url)
    expect(response.statusCode).toBe(200)
    response.destroy()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    expect(upstream.calls[0]!.sentBytes).toBe(0)
  })

  it('sends nothing but pings', async () => {
    const { port } = await listen(broken(pingAfter(1, { ms: 1, ping: ':\n\n' })))
    expect(await readSocket(port, text => text.split(':\n\n').length > 3)).toMatch(/data: 1[\s\S]*:\n\n[\s\S]*:\n\n/)
  })

  it('sends an event without an end', async () => {
    const { url } = await listen(broken(giantEventAfter(1, { bytes: 1_000_000 })))
    const { text } = await read(url)
    expect(text).toMatch(/^data: 1\n\ndata: x+\n\n$/)
    expect(text.length).toBeGreaterThan(1_000_000)
  })

  it('waits until it is let go', async () => {
    let release = () => {}
    const { url } = await listen(broken(holdAfter(1, new Promise<void>((resolve) => { release = resolve }))))
    const response = await answerOf(url)
    response.setEncoding('utf8')
    const chunks = response[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toBe(frames[0])
    release()
    expect((await chunks.next()).value).toContain('data: 2')
  })

  it('cuts chunks anywhere, inside a character too', async () => {
    const { port } = await listen(trickle({ bytes: 2 })({ body: ['a你'] }))
    const bytes = await readSocket(port, text => text.endsWith('0\r\n\r\n'))
    expect(bytes).toMatch(/\r\n2\r\na.\r\n2\r\n..\r\n0\r\n\r\n$/)
  })

  it('claims another content type, or none', async () => {
    const { url } = await listen(broken(contentType('text/plain')))
    expect((await answerOf(url)).headers['content-type']).toBe('text/plain')
    const { url: other } = await listen(broken(contentType(null)))
    expect((await answerOf(other)).headers).not.toHaveProperty('content-type')
  })

  it('compresses, and flushes each chunk', async () => {
    let release = () => {}
    const { url } = await listen(broken(holdAfter(1, new Promise<void>((resolve) => { release = resolve })), gzipped()))
    const response = await fetch(url, { method: 'POST' })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe(frames[0])
    release()
    let rest = ''
    for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value
    expect(rest).toBe(frames.slice(1).join(''))
  })

  it('redirects', async () => {
    const { url } = await listen(redirect('http://elsewhere.example/', 308))
    const response = await answerOf(url)
    expect([response.statusCode, response.headers.location]).toEqual([308, 'http://elsewhere.example/'])
  })

  it('answers a page of any size', async () => {
    const { url } = await listen(htmlPage({ bytes: 100_000 }))
    const { text } = await read(url)
    expect(text).toMatch(/^<!doctype html>/)
    expect(text).toHaveLength(100_000)
  })

  it('hangs up before the first byte', async () => {
    const { url, port } = await listen(hangUp())
    await expect(answerOf(url)).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await readSocket(port)).toBe('<reset>')
  })

  it('says nothing at all', async () => {
    const { upstream, port } = await listen(silence())
    const socket = readSocket(port)
    await upstream.call(0)
    await upstream.close()
    expect((await socket).replace('<reset>', '')).toBe('')
  })

  it('sends a head that has no end', async () => {
    const { port } = await listen(slowHead(1))
    expect(await readSocket(port, text => text.length > 40)).toMatch(/^HTTP\/1.1 200 OK\r\nx-more: and more\r\n/)
  })

  it('sends whatever bytes it is given', async () => {
    const { port } = await listen({ raw: 'HTTP/1.0 200 OK\r\n\r\ndata: 1\n\n' })
    expect(await readSocket(port)).toBe('HTTP/1.0 200 OK\r\n\r\ndata: 1\n\n')
  })
})

describe('a caller at fault', () => {
  it('is seen to break off its own request', async () => {
    const { upstream, port } = await listen('Hello')
    const socket = connect(port, '127.0.0.1', () => socket.write('POST /chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{}'))
    await vi.waitUntil(() => upstream.calls.length > 0)
    socket.resetAndDestroy()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('learns of an answer that cannot be sent by a broken connection', async () => {
    const { upstream, url } = await listen({ headers: { 'x-bad': 'a\nb' }, body: '' })
    await expect(answerOf(url)).rejects.toThrow()
    expect(String(upstream.calls[0]!.error)).toContain('x-bad')
  })
})

describe('a fault through fetch', () => {
  const ask = (reply: Reply) => createFakeUpstream({ respond: () => reply }).fetch('http://fake/chat/completions', { method: 'POST' })

  it.each([['reset', resetAfter(1)], ['cut', cutAfter(1)]])('breaks the body where the connection is %s', async (_, fault) => {
    const reader = (await ask(broken(fault))).body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe(frames[0])
    await expect(reader.read().then(() => reader.read())).rejects.toThrow('terminated')
  })

  it('fails where the connection breaks before the first byte', async () => {
    await expect(ask(hangUp())).rejects.toThrow('fetch failed')
  })

  it('says that raw bytes need a port', async () => {
    await expect(ask({ raw: 'HTTP/1.0 200 OK\r\n\r\n' })).rejects.toThrow('listen()')
  })
})
