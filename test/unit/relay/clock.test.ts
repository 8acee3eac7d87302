import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { holdAfter, stallAfter } from '../../../src/runtime/testing'
import { createGate } from '../../setup/gate'
import { ask, post, readAnswer } from '../../support/ask-relay'
import type { RelaySetup } from '../../support/relay-under-test'
import { startWeb } from '../../support/relay-under-test'

const HOUR = 3_600_000

beforeEach(() => { vi.useFakeTimers({ toFake: ['Date'] }) })
afterEach(() => { vi.useRealTimers() })

const jump = (ms: number) => vi.setSystemTime(Date.now() + ms)

async function start(setup: RelaySetup) {
  const relay = await startWeb(setup)
  onTestFinished(async () => { await relay.close() })
  return relay
}

describe.each([['forward', HOUR], ['back', -HOUR]])('F38: a clock that jumps %s', (_, ms) => {
  it('ends no answer', async () => {
    const gate = createGate()
    const { url, fetch, upstream } = await start({ timeouts: { firstByte: 2000, byteIdle: 2000, eventIdle: 2000, total: 5000 } })
    upstream.respond = () => ({ text: ['Hel', 'lo'], fault: holdAfter(2, gate.opened) })
    const response = await post(url, { fetch })
    jump(ms)
    gate.open()
    expect((await readAnswer(response)).error).toBeUndefined()
  })

  it('keeps no silence alive', async () => {
    const { url, fetch, upstream } = await start({ timeouts: { byteIdle: 100 } })
    upstream.respond = () => ({ text: ['Hel', 'lo'], fault: stallAfter(2) })
    const response = await post(url, { fetch })
    jump(ms)
    expect((await readAnswer(response)).error?.code).toBe('idle_timeout')
  })

  it('makes nobody wait for more than the window', async () => {
    const { url, fetch } = await start({ limits: { rate: 1 } })
    expect((await ask(url, { fetch })).status).toBe(200)
    jump(ms)
    const { status, headers } = await ask(url, { fetch })
    if (status === 429) expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60)
    else expect(status).toBe(200)
  })
})
