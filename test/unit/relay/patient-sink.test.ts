import { expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/runtime/server/relay/clock'
import { createPatientSink } from '../../../src/runtime/server/relay/patient-sink'
import type { Sink } from '../../../src/runtime/server/relay/sink'

const KILOBYTE = new Uint8Array(1024)

/** A client that takes so many writes at a time, and more when `read` is called. */
function createClient() {
  let room = 2
  let makeRoom = () => {}
  const calls: string[] = []
  const sink: Sink = {
    head: () => {},
    write: (bytes) => {
      calls.push(bytes.length === 1 ? String(bytes[0]) : `${bytes.length}`)
      return --room > 0
    },
    drained: () => room > 0 ? Promise.resolve() : new Promise((resolve) => { makeRoom = resolve }),
    end: () => calls.push('end'),
    destroy: () => calls.push('destroy'),
  }
  return {
    sink,
    calls,
    async read(writes = 2) {
      room = writes
      makeRoom()
      await new Promise(resolve => setTimeout(resolve))
    },
  }
}

function create({ plain = false } = {}) {
  const client = createClient()
  const state = { position: 1, plain }
  const follow = vi.fn(() => Promise.resolve())
  const sink = createPatientSink({ client: client.sink, position: () => state.position, plain: () => state.plain, follow, patience: 50, clock: systemClock })
  return {
    client,
    state,
    follow,
    sink,
    write: (bytes = Uint8Array.of(state.position + 1)) => {
      state.position++
      return sink.write(bytes)
    },
  }
}

it('keeps what a client is not ready for, and hands it over in order', async () => {
  const { client, sink, write } = create()
  for (let count = 0; count < 5; count++) expect(write()).toBe(true)
  expect(client.calls).toEqual(['2', '3'])
  sink.end()
  await client.read(9)
  expect(client.calls).toEqual(['2', '3', '4', '5', '6', 'end'])
})

it('serves a client that is far behind from the log, from behind the last frame that it was given', async () => {
  const { client, sink, write, follow } = create()
  write()
  write()
  for (let count = 0; count <= 256; count++) expect(write(KILOBYTE)).toBe(true)
  expect(follow).not.toHaveBeenCalled()
  await client.read(1)
  expect(follow).toHaveBeenCalledWith(3)
  write()
  sink.end()
  await sink.served()
  expect(client.calls).toEqual(['2', '3'])
})

it('counts what was handed over late before it falls behind again', async () => {
  const { client, write, follow } = create()
  for (let count = 0; count < 4; count++) write()
  await client.read(1)
  for (let count = 0; count <= 256; count++) write(KILOBYTE)
  await client.read(1)
  expect(follow).toHaveBeenCalledWith(5)
})

it('cuts off a client that takes nothing', async () => {
  const { client, write } = create()
  write()
  write()
  await vi.waitFor(() => expect(client.calls).toEqual(['2', '3', 'destroy']))
})

it('cuts off a client that does not take the last of it', async () => {
  const { client, sink, write } = create()
  write()
  client.sink.drained = () => new Promise(() => {})
  sink.end()
  void sink.served()
  await vi.waitFor(() => expect(client.calls).toEqual(['2', 'end', 'destroy']))
})

it('passes the client\'s pace on when there is no log', async () => {
  const { client, sink, write } = create({ plain: true })
  expect(write()).toBe(true)
  expect(write()).toBe(false)
  for (let count = 0; count <= 300; count++) expect(write(KILOBYTE)).toBe(false)
  const drained = sink.drained()
  await client.read(400)
  await drained
  expect(client.calls).toHaveLength(303)
  expect(write()).toBe(true)
})
