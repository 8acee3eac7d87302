import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdAfter } from '../../src/runtime/testing'
import { createGate } from '../setup/gate'
import { ask, post, readAnswer } from '../support/ask-relay'
import { recordsOf, startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

let relay: RelayUnderTest
beforeAll(async () => {
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000, concurrency: 1 } })
  relay.upstream.respond = () => ({ text: 'Hello', usage: false })
})
afterAll(async () => {
  await relay.close()
  expect(relay.output()).not.toMatch(/unhandled|uncaught|authorize threw|prepare threw|a hook (?:threw|rejected)/i)
})

describe('F39: a hook that misbehaves', () => {
  it.each([
    ['authorize', 'null', 401, 'unauthorized'],
    ['authorize', 'throw', 403, 'forbidden'],
    ['authorize', '403', 403, 'forbidden'],
    ['prepare', 'throw', 500, 'prepare_failed'],
  ])('%s: %s', async (hook, way, status, code) => {
    relay.upstream.clear()
    const answer = await ask(relay.url, { headers: { [`x-test-${hook}`]: way, 'x-test-user': hook } })
    expect([answer.status, answer.error?.code]).toEqual([status, code])
    expect(answer.text).not.toMatch(/threw|not you/)
    expect(relay.upstream.calls).toHaveLength(0)
    const { errors } = await relay.log()
    expect(errors.filter(({ requestId }) => requestId === answer.error!.requestId)).toMatchObject([{ code }])
    expect((await ask(relay.url, { headers: { 'x-test-user': hook } })).status).toBe(200)
  })

  it.each(['hooks-throw', 'hooks-reject', 'hooks-hang'])('onFinish and onError: %s', async (user) => {
    const answer = await ask(relay.url, { headers: { 'x-test-user': user } })
    expect([answer.status, answer.messages.at(-1)?.data]).toEqual([200, '[DONE]'])
    expect(await recordsOf(relay, user)).toHaveLength(1)
    const refused = await ask(relay.url, { headers: { 'x-test-user': user, 'x-test-prepare': 'throw' } })
    expect(refused.error?.code).toBe('prepare_failed')
    expect((await ask(relay.url, { headers: { 'x-test-user': user } })).status).toBe(200)
  })
})

describe('Nitro\'s afterResponse', () => {
  it('is told when the answer has ended, although the handler returned when it began', async () => {
    relay.upstream.clear()
    const before = (await relay.log()).ended!.length
    const gate = createGate()
    relay.upstream.respond = () => ({ text: ['Hel', 'lo'], usage: false, fault: holdAfter(1, gate.opened) })
    const response = await post(relay.url)
    expect((await relay.log()).ended).toHaveLength(before)
    gate.open()
    await readAnswer(response)
    await expect.poll(async () => (await relay.log()).ended!.slice(before)).toEqual([true])
    relay.upstream.respond = () => ({ text: 'Hello', usage: false })
  })
})

describe('T3: a server without authorize', () => {
  it('says so at start, and answers nothing but that', async () => {
    const open = await startBuilt({}, { TEST_WITHOUT_AUTHORIZE: '1' })
    try {
      expect(open.output()).toMatch(/authorize/)
      const answer = await ask(open.url)
      expect([answer.status, answer.error?.code]).toEqual([500, 'not_configured'])
      expect(open.upstream.calls).toHaveLength(0)
      expect((await fetch(new URL('/', open.url))).status).toBe(200)
    }
    finally {
      await open.close()
    }
  })
})

describe('T3: a server with a key that cannot be sent', () => {
  it('says so at start without the key, answers nothing but that, and serves the rest of the app', async () => {
    const broken = await startBuilt({ upstream: { apiKey: 'sk-secret…' } })
    try {
      expect(broken.output()).toMatch(/upstreams\.default: the API key has characters/)
      const answer = await ask(broken.url)
      expect([answer.status, answer.error?.code]).toEqual([500, 'not_configured'])
      expect(broken.upstream.calls).toHaveLength(0)
      expect(broken.output()).not.toContain('sk-secret')
      expect((await fetch(new URL('/', broken.url))).status).toBe(200)
    }
    finally {
      await broken.close()
    }
  })
})
