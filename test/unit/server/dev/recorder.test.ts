import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { Recording } from '../../../../src/runtime/shared/recording'
import { replay, resetAfter, stallAfter } from '../../../../src/runtime/testing'
import { startWatchedRelay } from './support/watched-relay'

/** For a busy machine. */
const WAIT = { timeout: 10_000 }

/** What is in the folder, once there are so many. */
async function read(folder: string, count = 1): Promise<(Recording & { text: string })[]> {
  const files = () => readdirSync(folder).filter(file => file.endsWith('.sse')).sort()
  await vi.waitUntil(() => files().length === count, WAIT)
  return files().map(file => ({
    ...JSON.parse(readFileSync(join(folder, file.replace('.sse', '.json')), 'utf8')) as Recording,
    text: readFileSync(join(folder, file), 'utf8'),
  }))
}

it('keeps the bytes of an answer, what it answered, and the size and time of each chunk', async () => {
  const { ask, folder, upstream } = await startWatchedRelay({ respond: () => ({ text: ['Fo', 'ur.'], delay: 30 }) })
  await (await ask('Two and two?')).text()
  const [kept] = await read(folder)
  expect(kept).toMatchObject({ upstream: 'default', protocol: 'chat', status: 200, ending: 'whole', request: upstream.calls[0]!.body })
  expect(kept!.text).toContain('"content":"Fo"')
  expect(kept!.text).toMatch(/data: \[DONE\]\n\n$/)
  expect(kept!.chunks.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(Buffer.byteLength(kept!.text))
  const times = kept!.chunks.map(({ ms }) => ms)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.at(-1)).toBeGreaterThan(times[0]!)
})

it('names recordings in the order in which they were asked for', async () => {
  const { ask, folder } = await startWatchedRelay({ respond: ({ index }) => `Answer ${index}.` })
  for (const question of ['one', 'two', 'three']) await (await ask(question)).text()
  expect((await read(folder, 3)).map(({ request }) => (request as { messages: { content: string }[] }).messages[0]!.content)).toEqual(['one', 'two', 'three'])
})

it('keeps a refusal with its status', async () => {
  const { ask, folder } = await startWatchedRelay({ respond: () => ({ status: 429, error: { message: 'Too many.' } }) })
  await (await ask('Hi')).text()
  expect((await read(folder))[0]).toMatchObject({ status: 429, contentType: 'application/json', text: expect.stringContaining('Too many.') })
})

it('keeps an answer whose connection broke as far as it came, and says so', async () => {
  const { ask, folder } = await startWatchedRelay({ respond: () => ({ text: ['So far', ' and no further'], fault: resetAfter(2) }) })
  await (await ask('Hi')).text()
  expect((await read(folder))[0]).toMatchObject({ ending: 'broken', text: expect.stringContaining('So far') })
})

it('keeps an answer that its reader left as far as it came, and says so', async () => {
  const { ask, folder } = await startWatchedRelay({ respond: () => ({ text: ['So far', ' and no further'], fault: stallAfter(2) }) })
  const leave = new AbortController()
  const response = await ask('Hi', { signal: leave.signal })
  await response.body!.getReader().read()
  leave.abort()
  expect((await read(folder))[0]).toMatchObject({ ending: 'left', text: expect.stringContaining('So far') })
})

it('stars keys out wherever they stand, one star for each byte', async () => {
  const key = 'sk-CANARY-4f9d2c7b'
  const echo = `data: {"error":{"message":"Incorrect key ${key}"}}\n\n`
  const { ask, folder } = await startWatchedRelay({
    respond: () => ({ headers: { 'content-type': 'text/event-stream' }, body: [echo.slice(0, 50), echo.slice(50)] }),
    upstream: { headers: { 'x-team': 'CANARY-of-the-team' } },
  })
  await (await ask(`My key is ${key}, of CANARY-of-the-team`)).text()
  const [kept] = await read(folder)
  expect(kept!.text).toBe(echo.replace(key, '*'.repeat(key.length)))
  for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file), 'utf8')).not.toContain('CANARY')
})

it('costs no answer when the folder cannot be written to, and warns once', async () => {
  const { ask, lines } = await startWatchedRelay({ respond: () => 'Here.', record: '/dev/null/recordings' })
  expect(await (await ask('one')).text()).toContain('Here.')
  expect(await (await ask('two')).text()).toContain('Here.')
  await vi.waitUntil(() => lines.length > 0, WAIT)
  expect(lines).toEqual([expect.stringMatching(/^Answers cannot be recorded in \/dev\/null\/recordings \(ENOTDIR\).*`llmStream\.record`/)])
})

it('records no replay', async () => {
  const { ask, folder } = await startWatchedRelay({ respond: () => 'Four.' })
  await (await ask('Two and two?')).text()
  await read(folder)
  const replaying = await startWatchedRelay({ respond: replay(folder, { speed: Infinity }), upstream: { provider: 'replay' }, record: folder })
  expect(await (await replaying.ask('Two and two?')).text()).toContain('"content":"Four."')
  await replaying.relay.close()
  expect(readdirSync(folder)).toHaveLength(2)
})
