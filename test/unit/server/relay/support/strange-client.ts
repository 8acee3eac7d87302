import { expect } from 'vitest'
import type { Exchange } from '../../../../../src/runtime/server/relay/exchange'
import type { ClientListener } from '../../../../../src/runtime/server/relay/sink'
import type { Dice } from '../../../../support/dice'

export interface StrangeClient {
  exchange: Exchange
  /** Headers of the answer. */
  headers: Record<string, string>
  /** What was written so far, read now: whoever changes bytes that were handed on is found out. */
  received: () => string
  /** It was answered, or has left. */
  readonly over: boolean
  leave: () => void
}

/** A client that sends slowly, reads slowly or never, and leaves, as the dice say. */
export function createStrangeClient(dice: Dice, { body = '', ...given }: Partial<Exchange> & { body?: string }): StrangeClient {
  const headers: Record<string, string> = {}
  const pieces: Uint8Array[] = []
  const isSlow = dice.chance(0.3)
  let ended = false
  let gone = false
  let client: ClientListener | undefined
  let roomAgain = () => {}

  function leave(): void {
    if (gone) return
    gone = true
    roomAgain()
    if (!ended) client?.onGone()
  }

  const exchange: Exchange = {
    method: 'POST',
    url: '/api/llm/chat/completions',
    scheme: 'http',
    address: '192.0.2.1',
    event: {},
    async readBody(_limit, signal) {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        signal.addEventListener('abort', () => reject(signal.reason))
        if (dice.chance(0.95)) void dice.soon().then(resolve)
      })
      return new TextEncoder().encode(body)
    },
    sink: {
      head: (_status, fields) => void Object.assign(headers, fields),
      write(bytes) {
        expect(ended, 'something is written behind the end').toBe(false)
        pieces.push(bytes)
        return !isSlow || dice.chance(0.5)
      },
      drained: () => new Promise((resolve) => {
        roomAgain = resolve
        if (gone) resolve()
        else if (!isSlow || dice.chance(0.8)) void dice.soon().then(resolve)
      }),
      end() { ended = true },
      destroy: () => void process.nextTick(leave),
      onGone(listener) {
        client = listener
        if (gone) client.onGone()
      },
    },
    ...given,
    headers: { 'host': 'app.example', 'content-type': 'application/json', ...given.headers },
  }
  return { exchange, headers, received: () => Buffer.concat(pieces).toString(), get over() { return ended || gone }, leave }
}
