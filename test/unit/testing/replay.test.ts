import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeUpstream, replay } from '../../../src/runtime/testing'
import type { BodyStep } from '../../../src/runtime/testing'
import type { Recording } from '../../../src/runtime/shared/recording'

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'replay-')) })
afterEach(() => rm(folder, { recursive: true }))

const usual = { upstream: 'default', protocol: 'chat', status: 200, contentType: 'text/event-stream', chunks: [] }
const put = (name: string, content: string | Partial<Recording>) =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify({ ...usual, ...content }))
const ask = (path: string, body: object, upstream = createFakeUpstream({ respond: replay(folder, { speed: Infinity }) })) =>
  upstream.fetch(`http://fake/v1${path}`, { method: 'POST', body: JSON.stringify(body) })

describe('replay', () => {
  it('plays the recording of the same body, whatever the order of its keys', async () => {
    await put('a.sse', 'data: a\n\n')
    await put('b.sse', 'data: b\n\n')
    await put('b.json', { request: { model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] } })
    const response = await ask('/chat/completions', { messages: [{ content: 'Hi', role: 'user' }], stream: true, model: 'm' })
    expect(await response.text()).toBe('data: b\n\n')
  })

  it('knows a question again that another provider is asked in other words', async () => {
    await put('a.sse', 'data: a\n\n')
    await put('b.sse', 'data: b\n\n')
    await put('b.json', { request: { model: 'm', stream: true, messages: ['Hi'], max_completion_tokens: 5, stream_options: { include_usage: true } } })
    expect(await (await ask('/chat/completions', { model: 'n', stream: true, messages: ['Hi'], max_tokens: 7 })).text()).toBe('data: b\n\n')
  })

  it('lets several answers to the same body take turns, so that a retry after a failure gets what followed it', async () => {
    const request = { stream: true }
    await put('1.sse', '{"error":"busy"}')
    await put('1.json', { request, status: 503, contentType: 'application/json' })
    await put('2.sse', 'data: two\n\n')
    await put('2.json', { request })
    const upstream = createFakeUpstream({ respond: replay(folder) })
    const statuses = []
    for (let round = 0; round < 3; round++) statuses.push((await ask('/chat/completions', request, upstream)).status)
    expect(statuses).toEqual([503, 200, 503])
  })

  it('breaks off where the recorded connection broke', async () => {
    await put('a.sse', 'data: a\n\n')
    await put('a.json', { request: { stream: true }, ending: 'broken' })
    const response = await ask('/chat/completions', { stream: true })
    await expect(response.text()).rejects.toThrow()
  })

  it('plays what a reader left before its end only when there is nothing whole', async () => {
    const request = { stream: true }
    await put('1.sse', 'data: one')
    await put('1.json', { request, ending: 'left' })
    await expect((await ask('/chat/completions', request)).text()).rejects.toThrow()
    await put('2.sse', 'data: two\n\n')
    await put('2.json', { request })
    expect(await (await ask('/chat/completions', request)).text()).toBe('data: two\n\n')
  })

  it('plays the others of the protocol in turn, and round again', async () => {
    await put('1.sse', 'data: one\n\n')
    await put('2.sse', 'event: message_start\ndata: {}\n\n')
    await put('3.sse', 'data: three\n\n')
    const upstream = createFakeUpstream({ respond: replay(folder) })
    const texts = []
    for (let round = 0; round < 3; round++) texts.push(await (await ask('/chat/completions', { stream: true }, upstream)).text())
    expect(texts).toEqual(['data: one\n\n', 'data: three\n\n', 'data: one\n\n'])
    expect(await (await ask('/messages', { stream: true }, upstream)).text()).toContain('message_start')
  })

  it('gives status, type and chunks as they were', async () => {
    await put('a.sse', '{"error":"busy"}')
    await put('a.json', { request: { stream: true }, status: 503, contentType: 'application/json', chunks: [{ bytes: 3, ms: 5 }, { bytes: 13, ms: 9 }] })
    const response = await ask('/chat/completions', { stream: true })
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/json'])
    const chunks = []
    const reader = response.body!.getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(new TextDecoder().decode(read.value))
    expect(chunks).toEqual(['{"e', 'rror":"busy"}'])
  })

  it('waits between chunks as long as it was recorded, or faster', async () => {
    await put('a.sse', 'data: a\n\n')
    await put('a.json', { request: { stream: true }, chunks: [{ bytes: 5, ms: 20 }, { bytes: 4, ms: 50 }] })
    const asked = createFakeUpstream()
    await ask('/chat/completions', { stream: true }, asked)
    const answer = await replay(folder, { speed: 2 })(asked.calls[0]!)
    const steps = typeof answer === 'object' && 'body' in answer ? [...answer.body as Iterable<BodyStep>] : []
    expect(steps.filter(step => typeof step === 'object' && 'do' in step)).toEqual([{ do: 'wait', ms: 10 }, { do: 'wait', ms: 15 }])
  })

  it('gives a whole answer to a call that asks for no stream', async () => {
    await put('a.sse', 'data: a\n\n')
    await put('b.sse', '{"choices":[]}')
    await put('b.json', { request: {}, contentType: 'application/json' })
    expect(await (await ask('/chat/completions', { model: 'other' })).json()).toEqual({ choices: [] })
  })

  it('answers 404 with the name of a folder that has nothing fitting', async () => {
    const response = await ask('/responses', { stream: true })
    expect(response.status).toBe(404)
    expect(await response.text()).toContain(folder)
    await rm(folder, { recursive: true })
    expect((await ask('/responses', { stream: true })).status).toBe(404)
    await writeFile(folder, '') // so that the clean-up finds something
  })
})
