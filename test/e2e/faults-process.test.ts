import { once } from 'node:events'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { holdAfter, stallAfter } from '../../src/runtime/testing'
import { createGate } from '../setup/gate'
import { post, readAnswer } from '../support/ask-relay'
import { openSocket } from '../support/client-socket'
import { startBuilt } from '../support/relay-under-test'
import type { BuiltRelay } from '../support/relay-under-test'

let relay: BuiltRelay
beforeEach(async () => {
  relay = await startBuilt({}, { NITRO_SHUTDOWN_TIMEOUT: '1500' })
  onTestFinished(async () => { await relay.close() })
})

describe('F25: SIGTERM in the middle of answers', () => {
  it('lets a short one end, and tells a long one to come back', async () => {
    const gate = createGate()
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], fault: holdAfter(2, gate.opened) })
    const short = await post(relay.url)
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], fault: stallAfter(2) })
    const long = await post(relay.url)

    const exited = once(relay.server.process, 'exit')
    relay.server.process.kill('SIGTERM')
    await expect.poll(() => openSocket(relay.url).then(() => 'open', () => 'refused')).toBe('refused')
    gate.open()

    const whole = await readAnswer(short)
    expect([whole.error, whole.messages.at(-1)?.data]).toEqual([undefined, '[DONE]'])
    const { messages, error } = await readAnswer(long)
    expect(messages).toHaveLength(2)
    expect(error).toMatchObject({ code: 'server_restarting', status: 503, retryable: true, retryAfterMs: 1000 })
    expect(await exited).toEqual([0, null])
    expect(await relay.upstream.calls[1]!.ended).toBe('aborted')
  })

  it('ends a server that answers nothing at once', async () => {
    const exited = once(relay.server.process, 'exit')
    relay.server.process.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })
})

describe('F26: SIGKILL in the middle of an answer', () => {
  it('breaks the body, so that nobody takes it for whole', async () => {
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], fault: stallAfter(2) })
    const response = await post(relay.url)
    relay.server.process.kill('SIGKILL')
    expect(await readAnswer(response)).toMatchObject({ whole: false, error: undefined })
    expect(await relay.upstream.calls[0]!.ended).toBe('aborted')
  })
})
