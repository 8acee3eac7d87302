import { expect, it } from 'vitest'
import { peek } from '../../../src/runtime/server/relay/content-type'
import type { BodyListener } from '../../../src/runtime/server/relay/transport'

/** A body whose chunks a test sends, and what was asked of it. */
function createBody() {
  const asked: string[] = []
  let listener: BodyListener | undefined
  const ask = (name: string) => () => void asked.push(name)
  return {
    asked,
    send: (text: string) => listener!.chunk(new TextEncoder().encode(text)),
    body: { start(given: BodyListener) { listener = given }, pause: ask('pause'), resume: ask('resume'), finish: ask('finish'), cancel: ask('cancel') },
  }
}

const { signal } = new AbortController()

it('gives a body that was looked at from its first byte', async () => {
  const { body, asked, send } = createBody()
  const peeked = peek(body, signal)
  send('da')
  send('ta: 1\n\n')
  const { kind, body: same } = await peeked
  send('data: 2\n\n') // under way when it was paused
  const received: string[] = []
  same.start({ chunk: bytes => received.push(new TextDecoder().decode(bytes)), end() {}, fail() {} })
  expect([kind, received.join('')]).toEqual(['sse', 'data: 1\n\ndata: 2\n\n'])
  expect(asked).toEqual(['pause', 'resume'])
})

it('leaves a body paused whose first bytes were too much for the reader', async () => {
  const { body, asked, send } = createBody()
  const peeked = peek(body, signal)
  send('data: 1\n\n')
  const { body: same } = await peeked
  same.start({ chunk: () => same.pause(), end() {}, fail() {} })
  expect(asked).toEqual(['pause', 'pause'])
  same.resume()
  expect(asked.at(-1)).toBe('resume')
})
