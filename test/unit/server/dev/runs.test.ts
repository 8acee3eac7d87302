import { expect, it, vi } from 'vitest'
import type { RunDetails, RunSummary } from '../../../../src/runtime/server/dev/describe-run'
import { describeRun, summariseRun } from '../../../../src/runtime/server/dev/describe-run'
import { currentRuns } from '../../../../src/runtime/server/dev/runs'
import { createLiveAnswer, inTurn, resetAfter, toFrames } from '../../../../src/runtime/testing'
import { startWatchedRelay } from './support/watched-relay'

/** For a busy machine. */
const WAIT = { timeout: 10_000 }

const list = () => currentRuns()!
const summaries = (): RunSummary[] => list().all.map(run => summariseRun(run, list().redact))
const details = (): Promise<RunDetails> => describeRun(list().all[0]!, list().redact)
const ended = () => vi.waitUntil(() => list().all.every(({ totalMs }) => totalMs !== undefined), WAIT)

it('tells of a run what was asked, what went upstream, what came when, and how it ended', async () => {
  const { ask, upstream } = await startWatchedRelay({ respond: () => ({ text: ['Fo', 'ur.'], usage: { inputTokens: 5, outputTokens: 2 }, delay: 5 }) })
  await (await ask('Two and two?')).text()
  await ended()
  const run = await details()
  expect(run).toMatchObject({
    running: false, question: 'Two and two?', upstream: 'default', protocol: 'chat', model: 'test-model', status: 200, outcome: 'complete', attempts: 1,
    usage: { inputTokens: 5, outputTokens: 2, estimated: false }, path: '/api/llm/chat/completions',
    input: { messages: [{ role: 'user', content: 'Two and two?' }], stream: true },
    calls: [{ upstream: 'default', status: 200, ending: 'whole', body: upstream.calls[0]!.body, answer: { text: 'Four.', finishReason: 'stop' } }],
  })
  const { events, bytes } = run.calls[0]!
  expect(events.at(-1)!.data).toBe('[DONE]')
  expect(events.at(-1)!.ms).toBeGreaterThan(events[0]!.ms)
  expect(bytes).toBe(upstream.calls[0]!.sentBytes)
  expect(run.timings.firstEventMs).toBeLessThanOrEqual(run.timings.totalMs!)
})

it('shows a run while it goes on', async () => {
  const answer = createLiveAnswer()
  const [first, ...rest] = toFrames({ text: 'Hello' }, { protocol: 'chat' })
  const { ask } = await startWatchedRelay({ respond: () => answer })
  answer.emit(first!)
  const response = await ask('Hi')
  expect(summaries()[0]).toMatchObject({ running: true, model: 'test-model', upstream: 'default', question: 'Hi' })
  answer.emit(...rest)
  answer.end()
  await response.text()
  await ended()
  expect(summaries()[0]).toMatchObject({ running: false })
})

it('shows each attempt of a run that was tried again', async () => {
  const { ask } = await startWatchedRelay({ respond: inTurn({ status: 503, headers: { 'retry-after': '0' } }, 'Four.'), upstream: { retries: 1 } })
  await (await ask('Hi')).text()
  await ended()
  const { calls, outcome, attempts } = await details()
  expect({ outcome, attempts, statuses: calls.map(({ status }) => status) }).toEqual({ outcome: 'complete', attempts: 2, statuses: [503, 200] })
  expect(calls[0]!.text).toContain('error')
})

it('says why a run failed, and what came before', async () => {
  const { ask } = await startWatchedRelay({ respond: () => ({ text: ['So far', ' so good'], fault: resetAfter(2) }) })
  await (await ask('Hi')).text()
  await ended()
  expect(await details()).toMatchObject({ outcome: 'failed', reason: 'upstream_reset', calls: [{ ending: 'broken', error: 'upstream_reset', answer: { text: expect.stringContaining('So') } }] })
})

it('shows a request that was refused, with the remedy', async () => {
  const { ask } = await startWatchedRelay({ rules: { authorize: () => null } })
  expect((await ask('Hi')).status).toBe(401)
  await ended()
  const run = await details()
  expect(run).toMatchObject({ outcome: 'failed', reason: 'unauthorized', status: 401, attempts: 0, calls: [] })
  expect(run.message).toBeTruthy()
})

it('passes on to the app\'s own hooks', async () => {
  const onFinish = vi.fn()
  const { ask } = await startWatchedRelay({ rules: { onFinish } })
  await (await ask('Hi')).text()
  await vi.waitUntil(() => onFinish.mock.calls.length === 1, WAIT)
  expect(onFinish.mock.calls[0]![0]).toMatchObject({ outcome: 'complete' })
})

it('keeps runs apart that go on at the same time', async () => {
  const { ask } = await startWatchedRelay({ respond: ({ body }) => `You said ${(body as { messages: { content: string }[] }).messages[0]!.content}.` })
  await Promise.all(['one', 'two', 'three'].map(async question => (await ask(question)).text()))
  await ended()
  for (const run of list().all) {
    const { question, calls } = await describeRun(run, list().redact)
    expect(calls.map(({ answer }) => answer.text)).toEqual([`You said ${question}.`])
  }
})

it('keeps keys out of all that it tells', async () => {
  const { ask } = await startWatchedRelay({
    respond: () => ({ status: 401, error: { message: 'Incorrect key sk-CANARY-4f9d2c7b' } }),
    upstream: { headers: { cookie: 'a=CANARY-cookie' } },
  })
  await (await ask('My key is sk-CANARY-4f9d2c7b')).text()
  await ended()
  const told = JSON.stringify([summaries(), await details()])
  expect(told).toContain('authorization')
  expect(told).not.toContain('CANARY')
})

it('keeps the last fifty, and forgets those that are over when asked to', async () => {
  const { ask } = await startWatchedRelay({ rules: { authorize: () => null } })
  const first = await ask('the first').then(() => list().all[0])
  for (let count = 0; count < 51; count++) await ask(`the next ${count}`)
  await ended()
  expect(list().all).toHaveLength(50)
  expect(list().all).not.toContain(first)
  expect(new Set(list().all.map(({ id }) => id)).size).toBe(50)
  list().clear()
  expect(list().all).toEqual([])
})
