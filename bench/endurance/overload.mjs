import { ask, hold } from './client.mjs'
import { below, equal, pause, report, start, until } from './start.mjs'

/** `npm run overload`: past its limits, and with its upstream down, the server refuses at once, calls nobody, and recovers. */
const SLOTS = 200
const REQUESTS = 1000
const HELD = { events: 3600, perSecond: 1 }
const BRIEF = { events: 3, perSecond: 0 }
/** For how long the breaker stays open, with some room. */
const BREAKER_MS = 31_000

const server = await start({ NUXT_LLM_STREAM_LIMITS_GLOBAL_CONCURRENCY: String(SLOTS) })
const { url, upstream, upstream: { counts } } = server
for (let index = 0; index < 50; index++) await ask(url, { scenario: BRIEF }) // code that runs for the first time is slow

const held = await holdAll(SLOTS)
const full = { calls: counts.opened, answers: await askAll(REQUESTS) }
full.calls = counts.opened - full.calls
const kept = counts.opened - counts.closed
for (const { leave } of held.streams) leave()
await until(() => counts.opened === counts.closed, 5000)
const again = await holdAll(SLOTS)
for (const { leave } of again.streams) leave()
await until(() => counts.opened === counts.closed, 5000)

upstream.status = 500
await ask(url, { scenario: BRIEF })
await ask(url, { scenario: BRIEF })
const down = { calls: counts.opened, answers: await askAll(SLOTS) }
down.calls = counts.opened - down.calls
upstream.status = 200
await pause(BREAKER_MS)
const recovered = await ask(url, { scenario: BRIEF })
const { unhandled } = await server.look()

report(`${REQUESTS} requests past ${SLOTS} slots, and an upstream that is down`, [
  equal('runs let in', held.admitted, SLOTS),
  equal('refused with 429', count(full.answers, 429, '"too_many_runs"'), REQUESTS),
  equal('of them told when to come back', full.answers.filter(({ headers }) => Number(headers['retry-after']) >= 1).length, REQUESTS),
  equal('upstream calls for them', full.calls, 0),
  below('longest wait for the answer', Math.max(...full.answers.map(({ ms }) => ms)), 2000, 'ms'),
  equal('runs that went on meanwhile', kept, SLOTS),
  equal('runs let in afterwards', again.admitted, SLOTS),
  equal('refused with 503 while the upstream is down', count(down.answers, 503, '"upstream_unavailable"'), SLOTS),
  equal('upstream calls for them', down.calls, 0),
  below('longest wait for the answer', Math.max(...down.answers.map(({ ms }) => ms)), 2000, 'ms'),
  equal('status once it is up again', recovered.status, 200),
  equal('unhandled rejections', unhandled, 0),
])

async function holdAll(count) {
  const streams = Array.from({ length: count }, () => hold(url, HELD))
  const statuses = await Promise.all(streams.map(({ opened }) => opened))
  return { streams, admitted: statuses.filter(status => status === 200).length }
}

/** In parts that fit into the system's queue of new connections, so that the server is measured and not that. */
async function askAll(count) {
  const answers = []
  while (answers.length < count) answers.push(...await Promise.all(Array.from({ length: Math.min(250, count - answers.length) }, () => ask(url, { scenario: BRIEF }))))
  return answers
}

function count(answers, status, text) {
  return answers.filter(answer => answer.status === status && answer.text.includes(text)).length
}
