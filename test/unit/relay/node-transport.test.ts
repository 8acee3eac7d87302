import { expect, it, vi } from 'vitest'
import { LightSignal } from '../../../src/runtime/server/relay/light-signal'
import type { Lookup } from '../../../src/runtime/server/relay/node/lookup'
import { createNodeTransport } from '../../../src/runtime/server/relay/node/transport'
import { describeTransport, never, readAll, toRequest } from '../../contracts/describe-transport'
import { chunk, listenRaw, SSE_HEAD } from '../../support/raw-server'

// What loopback's socket buffers and Node's own take.
describeTransport('Node', createNodeTransport, { aheadBytes: 12e6 })

/** Names are looked up here; in turn, when there are several answers. */
function answering(...answers: (string[] | string)[]): Lookup {
  return vi.fn((_, __, callback) => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!
    if (typeof answer === 'string') callback(Object.assign(new Error(answer), { code: answer }), [])
    else callback(null, answer.map(address => ({ address, family: address.includes(':') ? 6 : 4 })))
  })
}

const named = (url: string) => toRequest(url.replace('127.0.0.1', 'api.example'))

it.each(['ENOTFOUND', 'EAI_AGAIN'])('F30: rejects with upstream_dns at %s', async (code) => {
  const transport = createNodeTransport({ lookup: answering(code) })
  for (const allowPrivate of [true, false]) {
    await expect(transport.open({ ...named('http://127.0.0.1:1'), allowPrivate }, never())).rejects.toMatchObject({ code: 'upstream_dns', cause: { code } })
  }
})

it('F32: uses the address that answers', async () => {
  const server = await listenRaw(socket => socket.end(SSE_HEAD + chunk('a') + chunk('')))
  const { body } = await createNodeTransport({ lookup: answering(['::1', '127.0.0.1']) }).open(named(server.url), never())
  expect(await readAll(body)).toEqual({ text: 'a', end: 'end' })
})

it.each([['127.0.0.1'], ['::1'], ['::ffff:10.0.0.1'], ['169.254.169.254'], ['100.64.0.1']])('T8: sends nothing to a name that means %s', async (address) => {
  const server = await listenRaw(() => {})
  const transport = createNodeTransport({ lookup: answering([address]) })
  await expect(transport.open({ ...named(server.url), allowPrivate: false }, never())).rejects.toMatchObject({ code: 'upstream_address_blocked' })
  expect(server.sockets).toHaveLength(0)
})

it('T8: looks a name up once, and connects to what it checked', async () => {
  const server = await listenRaw(() => {})
  const lookup = answering(['192.88.99.1', '127.0.0.1'], ['127.0.0.1'])
  const transport = createNodeTransport({ lookup })
  await expect(transport.open({ ...named(server.url), allowPrivate: false }, never())).rejects.toMatchObject({ code: 'upstream_address_blocked' })
  expect(lookup).toHaveBeenCalledTimes(1)
  expect(server.sockets).toHaveLength(0)
})

it('T8: takes no kept connection that was made where private addresses are allowed', async () => {
  const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('')))
  const transport = createNodeTransport({ lookup: answering(['127.0.0.1']) })
  const { body } = await transport.open(named(server.url), never())
  await readAll(body)
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  await expect(transport.open({ ...named(server.url), allowPrivate: false }, never())).rejects.toMatchObject({ code: 'upstream_address_blocked' })
  await transport.close?.()
})

it('F34: sends once more when a kept connection turns out to be closed', async () => {
  const server = await listenRaw((socket, count) => {
    if (count === 2) socket.resetAndDestroy()
    else socket.write(SSE_HEAD + chunk('a') + chunk(''))
  })
  const transport = createNodeTransport()
  for (let call = 0; call < 2; call++) {
    const { body } = await transport.open(toRequest(server.url), never())
    expect(await readAll(body)).toEqual({ text: 'a', end: 'end' })
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
  expect(server.received.join('').match(/POST/g)).toHaveLength(3)
  await transport.close?.()
})

it('F34: does not send once more for a client that left in that very tick', async () => {
  let isReset = false
  const server = await listenRaw((socket, count) => {
    isReset = count === 2
    if (isReset) socket.resetAndDestroy()
    else socket.write(SSE_HEAD + chunk('a') + chunk(''))
  })
  const transport = createNodeTransport()
  const { body } = await transport.open(toRequest(server.url), never())
  await readAll(body)
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  const signal = new LightSignal()
  const leaving = new Proxy(signal, {
    get(_, key: keyof LightSignal) {
      if (isReset) process.nextTick(() => signal.abort('gone'))
      return signal[key]
    },
  })
  await expect(transport.open(toRequest(server.url), leaving)).rejects.toBe('gone')
  expect(server.received.join('').match(/POST/g)).toHaveLength(2)
  await transport.close?.()
})

it('F34: gives up when the new connection closes as well, and when a part of an answer came', async () => {
  const server = await listenRaw((socket, count) => {
    if (count === 1 || count === 4) socket.write(SSE_HEAD + chunk('a') + chunk(''))
    else if (count === 5) socket.write('HTTP/1.1 200', () => socket.resetAndDestroy())
    else socket.resetAndDestroy()
  })
  const transport = createNodeTransport()
  const ask = async () => {
    const { body } = await transport.open(toRequest(server.url), never())
    await readAll(body)
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  }
  await ask()
  await expect(ask()).rejects.toMatchObject({ code: 'upstream_unreachable' })
  expect(server.received.join('').match(/POST/g)).toHaveLength(3)
  await ask()
  await expect(ask()).rejects.toMatchObject({ code: 'upstream_unreachable' })
  expect(server.received.join('').match(/POST/g)).toHaveLength(5)
  await transport.close?.()
})

it('keeps no connection after it was closed', async () => {
  const server = await listenRaw(socket => socket.write(SSE_HEAD + chunk('')))
  const transport = createNodeTransport()
  const { body } = await transport.open(toRequest(server.url), never())
  await readAll(body)
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  await transport.close?.()
  await vi.waitUntil(() => server.sockets[0]!.destroyed)
})
