import { describe, expect, it, vi } from 'vitest'
import { createRelayListener } from '../../../../src/runtime/server/relay'
import { relayError } from '../../../../src/runtime/server/relay/failures'
import type { LogEntry, StreamLog } from '../../../../src/runtime/server/relay/logs/log'
import { createMemoryLog } from '../../../../src/runtime/server/relay/logs/memory'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import { createRelayCore } from '../../../../src/runtime/server/relay/relay'
import type { BodyListener } from '../../../../src/runtime/server/relay/transport'
import { createLiveAnswer, resetAfter, toFrames } from '../../../../src/runtime/testing'
import { comeBackOnce, untilSeated, watchRestlessly } from '../../../support/restless-viewer'
import { testExchange } from './support/exchange'
import { hello, startWholeRelay } from './support/relay'

const ASK = { 'x-stream-resumable': '1' }
const text = Array.from({ length: 200 }, (_, index) => `word${index} `)
const frames = toFrames({ text }, { protocol: 'chat' })

type Given = Parameters<typeof startWholeRelay>[0]

/** A relay with resumable runs, and a browser that keeps its cookie. */
async function start(given: Given = {}) {
  const relay = await startWholeRelay({ resume: true, respond: () => ({ text }), ...given, limits: { ipRate: false, ...given.limits } })
  let cookie = ''
  const withCookie = (init: RequestInit = {}): RequestInit => ({ ...init, headers: { ...cookie && { cookie }, 'x-requested-with': 'test', ...init.headers } })
  const visit = (id: string | null, init?: RequestInit) => fetch(`${relay.url}/api/llm/streams/${id}`, withCookie(init))
  return {
    ...relay,
    async run(init: RequestInit = {}) {
      const response = await relay.post('chat/completions', hello, withCookie({ ...init, headers: { ...ASK, ...init.headers } }))
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
      return { response, id: response.headers.get('x-stream-id') }
    },
    visit,
    read: (id: string | null, after: number | string, init?: RequestInit) => visit(id, { ...init, headers: { 'last-event-id': String(after), ...init?.headers } }),
    stop: (id: string | null, init?: RequestInit) => visit(id, { ...init, method: 'DELETE' }),
    forgetCookie: () => { cookie = '' },
  }
}

/** A relay that shows when it has seen that a viewer left. */
async function startSeen(given: Given) {
  const memory = createMemoryLog()
  const touch = vi.fn(memory.touch)
  const relay = await start({ log: { ...memory, touch }, ...given })
  return { ...relay, left: () => vi.waitFor(() => expect(touch).toHaveBeenCalledTimes(2)) } // of its coming and of its going
}

/** A live answer that says something at once. */
function startLive() {
  const live = createLiveAnswer()
  live.emit(...frames.slice(0, 5))
  return live
}

/** Reads a response until so many whole frames have arrived, then leaves. */
async function take(response: Response, count: number): Promise<string> {
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let received = ''
  while (numbers(received).length < count) {
    const { value, done } = await reader.read()
    if (done) break
    received += decoder.decode(value, { stream: true })
  }
  await reader.cancel()
  return received
}

const numbers = (received: string): number[] => [...received.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
const unnumbered = (received: string): string => received.replace(/^id: \d+\n|^:\n\n/gm, '')
const upTo = (last: number, first = 2): number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('the first viewer', () => {
  it('gets a number with each frame, and the id of its run', async () => {
    const { run, upstream } = await start()
    const { response, id } = await run()
    const received = await response.text()

    expect(response.headers.get('x-stream-resumable')).toBe('1')
    expect(id).toMatch(/^[\w-]{22}$/)
    expect(numbers(received)).toEqual(upTo(numbers(received).length + 1))
    expect(unnumbered(received)).toContain('"word7 "')
    expect(unnumbered(received).match(/^data: /gm)).toHaveLength(numbers(received).length)
    expect(received.endsWith('data: [DONE]\n\n')).toBe(true)
    expect(upstream.calls).toHaveLength(1)
  })

  it('gets a number with each frame however its bytes are cut', async () => {
    const whole = new TextEncoder().encode(frames.slice(0, 30).join('') + frames.slice(-3).join('').replaceAll('\n', '\r\n')) // which is put together anew
    for (const size of [whole.length, 4_000, 501, 97]) {
      const body = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) => whole.slice(index * size, (index + 1) * size))
      const { run } = await start({ respond: () => ({ headers: { 'content-type': 'text/event-stream' }, body }) })
      const received = await (await run()).response.text()
      expect(numbers(received)).toEqual(upTo(34))
      expect(received.split('\n\n').slice(0, -1).every(frame => /^id: \d+\ndata: /.test(frame))).toBe(true)
      expect(unnumbered(received)).toBe([...frames.slice(0, 30), ...frames.slice(-3)].join(''))
    }
  })

  it.each([
    ['does not ask for it', { headers: { 'x-stream-resumable': '0' } }, {}],
    ['is on a relay without it', {}, { resume: false }],
  ] as const)('has a plain run when it %s', async (_, init, options) => {
    const { run } = await start(options)
    const { response, id } = await run(init)
    expect(response.headers.get('x-stream-resumable')).toBe('0')
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(id).toBeNull()
    expect(await response.text()).not.toContain('id: ')
  })

  it('has a plain run when it wants no stream', async () => {
    const { post } = await start()
    const response = await post('chat/completions', { ...hello, stream: false }, { headers: ASK })
    expect(response.headers.get('x-stream-resumable')).toBe('0')
    expect(await response.json()).toMatchObject({ object: 'chat.completion' })
  })

  it('is told of an error before the answer by its status, without a run to resume', async () => {
    const { run } = await start({ respond: () => ({ status: 400 }) })
    const { response, id } = await run()
    expect([response.status, response.headers.get('x-stream-resumable'), id]).toEqual([400, '0', null])
  })

  it('is told of a later error by a frame without a number', async () => {
    const { run } = await start({ respond: () => ({ text, fault: resetAfter(3) }) })
    const received = await (await run()).response.text()
    expect(numbers(received)).toEqual([2, 3, 4])
    expect(received).toMatch(/\n\nevent: error\ndata: \{"error":\{"code":"upstream_reset"/)
  })

  it('ends the run when it leaves before it knows the id', async () => {
    const { post, upstream, records } = await start({ respond: () => createLiveAnswer() })
    const leaving = new AbortController()
    const posting = post('chat/completions', hello, { headers: ASK, signal: leaving.signal })
    const call = await upstream.call(0)
    leaving.abort()
    await expect(posting).rejects.toThrow()
    expect(await call.ended).toBe('aborted')
    expect(records.map(({ outcome }) => outcome).every(outcome => outcome === 'stopped')).toBe(true)
  })

  it('cannot name its run', async () => {
    const { run } = await start()
    const mine = 'AAAAAAAAAAAAAAAAAAAAAA'
    const { response, id } = await run({ headers: { 'x-stream-id': mine } })
    await response.text()
    expect(id).not.toBe(mine)
  })

  it('does not hold the run back when it reads nothing, and misses nothing', async () => {
    const long = 'x'.repeat(8000)
    const many = Array.from({ length: 2500 }, (_, index) => `${index}${long}`) // more than the sockets between us take
    const { run, upstream } = await start({ respond: () => ({ text: many }), limits: { streamBytes: 64e6 }, resume: { logBytes: 64e6 } })
    const { response } = await run()
    const reader = response.body!.getReader()
    expect(await upstream.calls[0]!.ended).toBe('sent')
    const decoder = new TextDecoder()
    let received = ''
    for (let read = await reader.read(); !read.done; read = await reader.read()) received += decoder.decode(read.value, { stream: true })
    const seen = numbers(received)
    expect(seen).toEqual(upTo(seen.length + 1))
    expect(received).toContain('"2499x')
    expect(received.endsWith('data: [DONE]\n\n')).toBe(true)
  })
})

describe('another viewer', () => {
  it('gets the same frames under the same numbers, from wherever it left', async () => {
    const { run, read } = await start()
    const { response, id } = await run()
    const whole = await response.text()
    const count = numbers(whole).length
    expect(await (await read(id, 0)).text()).toBe(whole)
    for (let round = 0; round < 100; round++) {
      const kept = whole.slice(0, Math.floor(Math.random() * whole.length)).match(/.+\n.+\n\n/g) ?? []
      const cursor = kept.length && kept.length + 1
      expect(kept.join('') + await (await read(id, cursor)).text()).toBe(whole)
    }
    expect((await read(id, count + 1)).status).toBe(204)
  })

  it('loses and doubles nothing where connections break at 1 000 random bytes while the answer arrives', async () => {
    const live = startLive()
    const { run, read } = await start({ respond: () => live })
    const { response, id } = await run()
    const first = response.text()
    let visits = 0
    let said = 5
    const comeBack = (after: number) => {
      // Just enough that none of them waits for another.
      for (; said < after + 10; said++) live.emit(frames[5]!)
      if (++visits === 1_008) {
        live.emit(...frames.slice(-2))
        live.end()
      }
      return untilSeated(() => read(id, after))
    }
    const viewers = await Promise.all(Array.from({ length: 8 }, () => watchRestlessly(comeBack, 125)))
    const whole = await first
    expect(numbers(whole)).toEqual(upTo(numbers(whole).length + 1))
    for (const kept of viewers) expect(kept).toBe(whole)
  })

  it('loses and doubles nothing at 1 000 random bytes at which the connection that began a run breaks', { timeout: 60_000 }, async () => {
    const { run, read, upstream } = await start({ limits: { rate: false, concurrency: false }, resume: { perOwner: 100 } })
    await (await run()).response.text() // from now on it is somebody
    const begin = async () => {
      const live = startLive()
      upstream.respond = () => live
      const { response, id } = await run()
      return comeBackOnce({
        response,
        said: frames.slice(0, 5).join('').length,
        goOn() {
          live.emit(...frames.slice(5, 12), ...frames.slice(-2))
          live.end()
        },
        read: after => read(id, after),
      })
    }
    const whole = [...frames.slice(0, 12), ...frames.slice(-2)].join('')
    for (let round = 0; round < 1_000; round++) {
      const kept = await begin()
      expect(unnumbered(kept)).toBe(whole)
      expect(numbers(kept)).toEqual(upTo(15))
    }
  })

  it('reads without a cursor from the start', async () => {
    const { run, visit } = await start()
    const { response, id } = await run()
    const whole = await response.text()
    const again = await visit(id)
    expect(again.status).toBe(200)
    expect(Object.fromEntries(again.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8', 'x-stream-id': id, 'x-stream-resumable': '1',
      'cache-control': 'no-cache, no-store, no-transform', 'x-accel-buffering': 'no', 'vary': 'Cookie, Authorization, Origin',
    })
    expect(await again.text()).toBe(whole)
  })

  it('finds a run that went on while nobody watched', async () => {
    const live = startLive()
    const { run, read, upstream } = await start({ respond: () => live })
    const { response, id } = await run()
    const first = await take(response, 5)
    live.emit(...frames.slice(5, 10))
    const following = await read(id, 6)
    live.emit(...frames.slice(10))
    live.end()
    const rest = await following.text()
    expect(unnumbered(first + rest)).toBe(frames.join(''))
    expect(numbers(first + rest)).toEqual(upTo(frames.length + 1))
    expect(await upstream.calls[0]!.ended).toBe('sent')
  })

  it('has its headers at once, however long the run is silent', async () => {
    const live = startLive()
    const { run, read } = await start({ respond: () => live, heartbeat: false })
    const { response, id } = await run()
    await take(response, 5)
    const following = await read(id, 6)
    expect(following.status).toBe(200)
    live.emit(...frames.slice(5))
    live.end()
    expect(unnumbered(await following.text())).toBe(frames.slice(5).join(''))
  })

  it('gets a heartbeat while the run is silent', async () => {
    const live = startLive()
    const { run, read } = await start({ respond: () => live, heartbeat: 30 })
    const { response, id } = await run()
    const following = await read(id, 6)
    const reader = following.body!.getReader()
    let received = ''
    while (received.length < 9) received += new TextDecoder().decode((await reader.read()).value)
    expect(received).toMatch(/^(?::\n\n)+$/)
    live.end()
    await response.text()
  })

  it('may be ahead of the log, and waits for it', async () => {
    const live = startLive()
    const { run, read } = await start({ respond: () => live })
    const { response, id } = await run()
    await take(response, 5)
    const following = await read(id, 9)
    live.emit(...frames.slice(5))
    live.end()
    expect(unnumbered(await following.text())).toBe(frames.slice(8).join(''))
  })

  it('gets the error of a run that failed, alone when it has every frame', async () => {
    const { run, read } = await start({ respond: () => ({ text, fault: resetAfter(3) }) })
    const { response, id } = await run()
    await response.text()
    const again = await read(id, 4)
    expect(again.status).toBe(200)
    expect(await again.text()).toMatch(/^:\n\nevent: error\ndata: \{"error":\{"code":"upstream_reset".*\n\n$/)
    expect(await (await read(id, 3)).text()).toMatch(/^id: 4\ndata: .*\n\nevent: error\ndata: \{"error":\{"code":"upstream_reset"/)
  })

  it.each(['-1', 'abc', '1.5', '5-0', '9007199254740992', '10300', '', '01'])('is refused the cursor "%s"', async (cursor) => {
    const { run, read } = await start()
    const { response, id } = await run()
    await response.text()
    const refused = await read(id, cursor)
    expect([refused.status, (await refused.json()).error.code]).toEqual([400, 'invalid_request'])
  })

  it.each([
    ['a part of it is no longer stored', (log: StreamLog): StreamLog => ({ ...log, open: async id => ({ ...(await log.open(id))!, first: 4 }) })],
    ['that is found while it is read', (log: StreamLog): StreamLog => ({ ...log, read: async function* () { yield* await Promise.reject<LogEntry[]>(relayError('log_gap')) } })],
  ])('is told with 410 where %s', async (_, spoil) => {
    const { run, read } = await start({ log: spoil(createMemoryLog()) })
    const { response, id } = await run()
    await response.text()
    const refused = await read(id, 2)
    expect([refused.status, (await refused.json()).error.code]).toEqual([410, 'run_expired'])
  })

  it('is told by a frame where a part is found to be missing behind what it got', async () => {
    const memory = createMemoryLog()
    const log: StreamLog = {
      ...memory,
      async* read(id, after, signal) {
        for await (const entry of memory.read(id, after, signal)) {
          if (entry.kind === 'end') throw relayError('log_gap')
          yield entry
        }
      },
    }
    const { run, read } = await start({ log })
    const { response, id } = await run()
    const whole = await response.text()
    const again = await (await read(id, 0)).text()
    expect(again.slice(0, whole.length)).toBe(whole)
    expect(again.slice(whole.length)).toMatch(/^event: error\ndata: \{"error":\{"code":"log_gap"[^\n]*\n\n$/)
  })

  it('takes no slot, and counts by its address', async () => {
    const lives = [startLive(), startLive()]
    let next = 0
    const { run, read, stop } = await start({ respond: () => lives[next++]!, limits: { concurrency: 2, ipRate: 5 } })
    const { response, id } = await run()
    const following = await read(id, 0)
    expect((await run()).response.status).toBe(200)
    expect([following.status, (await stop('AAAAAAAAAAAAAAAAAAAAAA')).status]).toEqual([200, 404])
    expect([(await read(id, 0)).status, (await read(id, 0)).status, (await stop(id)).status]).toEqual([200, 429, 429])
    for (const live of lives) live.end()
    await response.text()
  })

  it('is one of at most eight', async () => {
    const live = startLive()
    const { run, read } = await start({ respond: () => live })
    const { response, id } = await run()
    const viewers = await Promise.all(Array.from({ length: 8 }, () => read(id, 0)))
    const ninth = await read(id, 0)
    expect([ninth.status, (await ninth.json()).error.code]).toEqual([429, 'rate_limited'])
    await viewers[0]!.body!.cancel()
    await vi.waitFor(async () => expect((await read(id, 0)).status).toBe(200))
    live.end()
    await response.text()
  })
})

describe('stopping', () => {
  it('ends the upstream call, and tells everybody who watches', async () => {
    const live = startLive()
    const { run, read, stop, upstream } = await start({ respond: () => live })
    const { response, id } = await run()
    const second = await read(id, 0)
    const stopped = await stop(id)
    expect([stopped.status, await stopped.text()]).toEqual([202, ''])
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    for (const viewer of [response, second, await read(id, 0)]) {
      const received = await viewer.text()
      expect(numbers(received)).toEqual(upTo(6))
      expect(received).toMatch(/event: error\ndata: \{"error":\{"code":"stopped","message":"The run was stopped.","status":409,"retryable":false/)
      expect(received.match(/event: error/g)).toHaveLength(1)
    }
    expect((await stop(id)).status).toBe(202)
  })

  it('does not hurt a run that has ended', async () => {
    const { run, read, stop } = await start()
    const { response, id } = await run()
    const whole = await response.text()
    expect((await stop(id)).status).toBe(202)
    expect(await (await read(id, 0)).text()).toBe(whole)
  })
})

describe('a run that nobody watches', () => {
  it('ends at the upstream after the grace', async () => {
    const live = startLive()
    const { run, read, upstream } = await start({ respond: () => live, resume: { orphanGrace: 150 } })
    const { response, id } = await run()
    await take(response, 5)
    const left = performance.now()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    expect(performance.now() - left).toBeGreaterThan(100)
    expect(await (await read(id, 6)).text()).toContain('"code":"stopped"')
  })

  it('goes on when a viewer comes back in time', async () => {
    const live = startLive()
    const { run, read, upstream } = await start({ respond: () => live, resume: { orphanGrace: 150 } })
    const { response, id } = await run()
    await take(response, 5)
    const following = await read(id, 6)
    await new Promise(resolve => setTimeout(resolve, 400))
    live.emit(...frames.slice(5))
    live.end()
    expect(unnumbered(await following.text())).toBe(frames.slice(5).join(''))
    expect(await upstream.calls[0]!.ended).toBe('sent')
  })

  it('ends when a viewer leaves who came later, too', async () => {
    const { run, read, upstream } = await start({ respond: startLive, resume: { orphanGrace: 150 } })
    const { response, id } = await run()
    await take(response, 5)
    await take(await read(id, 0), 5)
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('is not one that has ended: nobody is said to watch it any more', async () => {
    const live = startLive()
    const memory = createMemoryLog()
    const touch = vi.fn(memory.touch)
    const { run, read } = await start({ log: { ...memory, touch }, respond: () => live, resume: { orphanGrace: 30 } })
    const { response, id } = await run()
    const following = await read(id, 0)
    await vi.waitFor(() => expect(touch.mock.calls.length).toBeGreaterThan(6)) // again and again
    live.emit(...frames.slice(-3))
    live.end()
    await Promise.all([response.text(), following.text()])
    await new Promise(resolve => setTimeout(resolve, 20))
    const said = touch.mock.calls.length
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(touch).toHaveBeenCalledTimes(said)
  })

  it('runs to its end without a grace', async () => {
    const live = startLive()
    const { run, read, upstream } = await start({ respond: () => live, resume: { orphanGrace: false } })
    const { response, id } = await run()
    await take(response, 5)
    live.emit(...frames.slice(5))
    live.end()
    expect(await upstream.calls[0]!.ended).toBe('sent')
    expect(unnumbered(await (await read(id, 6)).text())).toBe(frames.slice(5).join(''))
  })
})

describe('a stranger', () => {
  const forms = [
    ['with another cookie', { headers: { cookie: 'llm-stream=AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['with a broken cookie', { headers: { cookie: 'llm-stream=x; llm-stream' } }],
  ] as const

  it.each(forms)('%s sees no more than of a run that never was', async (_, init) => {
    const { run, read, stop, forgetCookie, upstream } = await start({ respond: startLive })
    const { id } = await run()
    forgetCookie()
    for (const ask of [stop, (id: string, init: RequestInit) => read(id, 0, init)]) {
      const [theirs, unknown, impossible] = await Promise.all([ask(id!, init), ask('AAAAAAAAAAAAAAAAAAAAAA', init), ask('x', init)])
      expect([theirs.status, unknown.status, impossible.status]).toEqual([404, 404, 404])
      const [body, ...others] = await Promise.all([theirs, unknown, impossible].map(async response => anonymous(await response.text())))
      expect(others).toEqual([body, body])
      expect(body).toContain('run_not_found')
      expect(names(theirs)).toEqual(names(unknown))
    }
    expect(upstream.calls[0]!.ended).toBeInstanceOf(Promise)
  })

  it('of another subject sees nothing, and one who is logged out is told so', async () => {
    const { run, read, stop } = await start({
      authorize: (event) => {
        const user = (event as { headers: Record<string, string | undefined> }).headers['x-user']
        return user ? { subject: user } : null
      },
    })
    const { response, id } = await run({ headers: { 'x-user': 'a' } })
    expect(response.headers.get('set-cookie')).toBeNull()
    await response.text()
    const as = (user: string) => ({ headers: { 'x-user': user } })
    expect((await read(id, 0, as('a'))).status).toBe(200)
    expect((await read(id, 0, as('b'))).status).toBe(404)
    expect((await stop(id, as('b'))).status).toBe(404)
    expect((await read(id, 0)).status).toBe(401)
    expect((await stop(id)).status).toBe(401)
    expect((await stop(id, as('a'))).status).toBe(202)
  })

  it('is asked about by its own word for what it wants', async () => {
    const actions: string[] = []
    const { run, read, stop } = await start({ authorize: (_event, { action }) => (actions.push(action), { subject: 's' }) })
    const { response, id } = await run()
    await response.text()
    await read(id, 0)
    await stop(id)
    expect(actions).toEqual(['run', 'resume', 'stop'])
  })

  it('on another site reaches nothing', async () => {
    const { run, read, stop } = await start()
    const { response, id } = await run()
    await response.text()
    const foreign = { headers: { 'sec-fetch-site': 'cross-site' } }
    expect([(await read(id, 0, foreign)).status, (await stop(id, foreign)).status]).toEqual([403, 403])
  })

  it('gets a cookie that scripts and other sites cannot use', async () => {
    const { run } = await start()
    const { response } = await run()
    await response.text()
    expect(response.headers.get('set-cookie')).toMatch(/^llm-stream=[\w-]{22}; Path=\/api\/llm; HttpOnly; SameSite=Lax$/)
    expect((await run()).response.headers.get('set-cookie')).toBeNull()
  })

  it('gets one for secure connections only where it has such a one', async () => {
    const { run } = await start({ trustProxy: 1 })
    const { response } = await run({ headers: { 'x-forwarded-proto': 'https' } })
    await response.text()
    expect(response.headers.get('set-cookie')).toMatch(/^llm-stream=[\w-]{22}; Path=\/api\/llm; HttpOnly; SameSite=Lax; Secure$/)
  })

  const anonymous = (body: string) => body.replace(/"requestId":"[^"]+"/, '')
  const names = (response: Response) => [...response.headers.keys()]
})

describe('a log', () => {
  it('that grows too large is given up, and the run goes on plain', async () => {
    const { run, read } = await start({ resume: { logBytes: 10_000 } })
    const { response, id } = await run()
    expect(await response.text()).toContain('[DONE]')
    expect((await read(id, 0)).status).toBe(404)
  })

  it('that is lost with its viewer gone ends the run', async () => {
    const live = startLive()
    const { run, upstream, records, left } = await startSeen({ respond: () => live, resume: { logBytes: 10_000 } })
    const { response } = await run()
    await take(response, 5)
    await left()
    live.emit(...frames.slice(5, 100))
    await vi.waitFor(() => expect(records).toEqual([expect.objectContaining({ outcome: 'stopped', reason: 'orphaned' })]))
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('that is lost leaves a run that ends with its viewer', async () => {
    const live = startLive()
    const { run, read, upstream } = await start({ respond: () => live, resume: { logBytes: 10_000 } })
    const { response, id } = await run()
    const reader = response.body!.getReader()
    live.emit(...frames.slice(5, 100))
    await vi.waitUntil(async () => (await read(id, 0)).status === 404)
    await reader.cancel()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
  })

  it('that is lost while its one slow viewer reads on from it ends the run', async () => {
    let listener: BodyListener | undefined
    const cancel = vi.fn()
    const body = { start: (given: BodyListener) => { listener = given }, pause() {}, resume() {}, finish() {}, cancel }
    const relay = createRelayCore({
      options: resolveRelayOptions({ upstreams: { default: { baseURL: 'https://h', models: ['m'] } }, public: true, resume: { logBytes: 600_000 } }),
      transport: { open: async () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, body }) },
      rules: {},
      logger: { warn() {}, error() {} },
    })
    const exchange = testExchange({ body: hello, headers: ASK })
    let read = () => {}
    exchange.sink.write = () => false
    exchange.sink.drained = () => new Promise((resolve) => { read = resolve })
    const over = relay.handle(exchange)
    await vi.waitUntil(() => listener)
    const say = (times: number) => {
      for (; times > 0; times--) listener!.chunk(new TextEncoder().encode(`data: {"x":"${'x'.repeat(100_000)}"}\n\n`))
    }
    say(5) // more than is held for it
    read()
    say(5) // more than the log may have
    expect(cancel).not.toHaveBeenCalled()
    const reading = setInterval(() => read())
    await over
    clearInterval(reading)
    expect(cancel).toHaveBeenCalled()
    await relay.close(0)
  })

  it('is had by at most so many running runs of one owner', async () => {
    const lives = [startLive(), startLive(), startLive()]
    let next = 0
    const { run } = await start({ respond: () => lives[next++]!, resume: { perOwner: 2 } })
    const responses = []
    for (let count = 0; count < 3; count++) responses.push((await run()).response)
    expect(responses.map(response => response.headers.get('x-stream-resumable'))).toEqual(['1', '1', '0'])
    for (const live of lives) live.end()
    await Promise.all(responses.map(response => response.text()))
  })

  it('that cannot be begun leaves a plain run', async () => {
    const { run } = await start({ log: { ...createMemoryLog(), create: () => Promise.reject(new Error('no')) } })
    const { response } = await run()
    expect(response.headers.get('x-stream-resumable')).toBe('0')
    expect(await response.text()).toContain('[DONE]')
  })

  it('that must be and cannot be refuses the run, without a call', async () => {
    const { run, upstream } = await start({ resume: { required: true }, log: { ...createMemoryLog(), create: () => Promise.reject(new Error('no')) } })
    const { response } = await run()
    expect([response.status, (await response.json()).error.code]).toEqual([503, 'resume_unavailable'])
    expect(upstream.calls).toHaveLength(0)
  })

  it('that takes its time is not waited for', async () => {
    const memory = createMemoryLog()
    let begin!: () => void
    const begun = new Promise<void>((resolve) => { begin = resolve })
    const { run, read } = await start({ log: { ...memory, create: async (...args) => (await begun, memory.create(...args)) } })
    const { response, id } = await run()
    const reading = response.text()
    begin()
    const whole = await reading
    expect(await (await read(id, 0)).text()).toBe(whole)
  })
})

it('keeps a platform at work while a run goes on that nobody watches, and until it is stored', async () => {
  let listener: BodyListener | undefined
  const body = { start: (given: BodyListener) => { listener = given }, pause() {}, resume() {}, finish() {}, cancel() {} }
  const log = createMemoryLog()
  const relay = createRelayCore({
    options: resolveRelayOptions({ upstreams: { default: { baseURL: 'https://h', models: ['m'] } }, public: true, resume: true }),
    transport: { open: async () => ({ status: 200, headers: { 'content-type': 'text/event-stream' }, body }) },
    rules: { log },
    logger: { warn() {}, error() {} },
  })
  const exchange = testExchange({ body: hello, headers: ASK })
  const head = vi.spyOn(exchange.sink, 'head')
  const kept: Promise<unknown>[] = []
  exchange.waitUntil = promise => kept.push(promise)
  void relay.handle(exchange)
  await vi.waitUntil(() => listener)
  listener!.chunk(new TextEncoder().encode(frames[0]!))
  await vi.waitFor(() => expect(head).toHaveBeenCalled())
  exchange.leave()
  const over = vi.fn()
  void Promise.all(kept).then(over)
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(kept).not.toHaveLength(0)
  expect(over).not.toHaveBeenCalled()
  listener!.chunk(new TextEncoder().encode(frames.slice(-3).join('')))
  await vi.waitFor(() => expect(over).toHaveBeenCalled())
  expect(await log.open(head.mock.lastCall![1]['x-stream-id']!)).toMatchObject({ end: { outcome: 'complete', usage: { raw: null } } })
  await relay.close(0)
})

it('tells every viewer that the server restarts, and stores it', async () => {
  const live = startLive()
  const memory = createMemoryLog()
  const { run, read, relay } = await start({ respond: () => live, log: memory })
  const { response, id } = await run()
  const second = await read(id, 0)
  await take(second, 5)
  const third = await read(id, 0)
  await relay.close(0)
  for (const viewer of [response, third]) expect(await viewer.text()).toMatch(/event: error\ndata: \{"error":\{"code":"server_restarting"/)
  expect((await memory.open(id!))?.end).toMatchObject({ outcome: 'failed', reason: 'server_restarting' })
})

it('breaks the connection of those who follow a run of another process: it goes on, and so can they', async () => {
  const live = startLive()
  const shared = { resume: { secret: 'secret' }, log: createMemoryLog(), authorize: () => ({ subject: 'anyone' }) }
  const [one, other] = [await start({ ...shared, respond: () => live }), await start(shared)]
  const { response, id } = await one.run()
  const following = await other.read(id, 0)
  const reader = following.body!.getReader()
  let received = ''
  const broken = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) received += new TextDecoder().decode(read.value)
  })()
  await Promise.all([other.relay.close(0), expect(broken).rejects.toThrow()])
  expect(numbers(received)).toEqual(upTo(6))
  expect(received).not.toContain('event: error')
  const again = await one.read(id, 6)
  live.emit(...frames.slice(5))
  live.end()
  expect(unnumbered(received + await again.text())).toBe(frames.join(''))
  await response.text()
})

describe('a relay that keeps runs in Redis', () => {
  const upstreams = { default: { baseURL: 'http://127.0.0.1:1', apiKey: 'key', models: ['cheap'], allowPrivate: true } }
  it.each([
    ['no Redis', {}, 'there is no Redis: set `redis.url`'],
    ['no secret', { redis: { url: 'redis://127.0.0.1:1' } }, 'Set NUXT_LLM_STREAM_RESUME_SECRET'],
  ])('refuses to begin with %s', (_, given, message) => {
    expect(() => createRelayListener({ upstreams, public: true, resume: { driver: 'redis' }, ...given })).toThrow(message)
  })
})
