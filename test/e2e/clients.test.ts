import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { demoResponder, stallAfter, toFrames } from '../../src/runtime/testing'
import { startBuilt } from '../support/relay-under-test'
import type { RelayUnderTest } from '../support/relay-under-test'

const run = promisify(execFile)
const messages = [{ role: 'user' as const, content: 'Hi' }]
const model = 'test-model'

let relay: RelayUnderTest
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  relay = await startBuilt({ limits: { rate: 100_000, ipRate: 100_000 }, upstream: { retries: 0 } })
  openai = new OpenAI({ baseURL: relay.url, apiKey: 'any' })
  anthropic = new Anthropic({ baseURL: relay.url, apiKey: 'any' })
})
afterEach(() => relay.upstream.clear())
afterAll(() => relay.close())

describe('the openai client', () => {
  it('streams chat and responses', async () => {
    relay.upstream.respond = () => ({ reasoning: 'Hm', text: '你好 👋', usage: { inputTokens: 9, outputTokens: 2 } })
    const chat = openai.chat.completions.stream({ model, messages })
    expect((await chat.finalChatCompletion()).choices[0]).toMatchObject({ message: { content: '你好 👋' }, finish_reason: 'stop' })
    expect(await chat.totalUsage()).toMatchObject({ total_tokens: 11 })
    const response = await openai.responses.stream({ model, input: 'Hi' }).finalResponse()
    expect(response).toMatchObject({ output_text: '你好 👋', status: 'completed' })
    expect(relay.upstream.calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer sk-test', 'Bearer sk-test'])
  })

  it('does not stream', async () => {
    relay.upstream.respond = () => 'Hello'
    expect((await openai.chat.completions.create({ model, messages })).choices[0]!.message.content).toBe('Hello')
    expect((await openai.responses.create({ model, input: 'Hi' })).output_text).toBe('Hello')
  })

  it('calls tools and comes back with their results', async () => {
    relay.upstream.respond = demoResponder({ delay: 0 })
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: { properties: { city: { type: 'string' } } } } }]
    const asked = { role: 'user' as const, content: 'The weather in Bergen, please' }
    const { choices: [first] } = await openai.chat.completions.stream({ model, messages: [asked], tools }).finalChatCompletion()
    const [call] = first!.message.tool_calls!
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Bergen"}' } })
    const next = await openai.chat.completions.create({
      model, tools, messages: [asked, first!.message, { role: 'tool', tool_call_id: call!.id, content: 'rain, of course' }],
    })
    expect(next.choices[0]!.message.content).toContain('rain, of course')
  })

  it('reads our errors, and tries again only what may succeed', async () => {
    relay.upstream.respond = () => ({ status: 400, error: { code: 'context_length_exceeded', message: 'secret' } })
    await expect(openai.chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 400, code: 'upstream_rejected', message: expect.not.stringContaining('secret'),
    })
    expect(relay.upstream.calls).toHaveLength(1)
    await expect(openai.chat.completions.create({ model: 'gpt-99', messages })).rejects.toMatchObject({ status: 400, code: 'model_not_allowed', type: 'invalid_request_error' })
    relay.upstream.respond = () => ({ text: 'So far', error: { message: 'secret' } })
    const stream = await openai.chat.completions.create({ model, messages, stream: true })
    const read = (async () => { for await (const _ of stream); })()
    await expect(read).rejects.toMatchObject({ code: 'upstream_error' })
  })

  it('ends the upstream call when it is aborted', async () => {
    relay.upstream.respond = () => ({ text: 'Hello there', fault: stallAfter(2) })
    const stream = await openai.chat.completions.create({ model, messages, stream: true })
    for await (const _ of stream) break
    expect(await relay.upstream.calls[0]!.ended).toBe('aborted')
  })
})

describe('the anthropic client', () => {
  it('streams, does not stream, and calls tools', async () => {
    relay.upstream.respond = () => ({ reasoning: 'Hm', text: 'Hello', toolCalls: [{ name: 'f', arguments: { x: 1 } }] })
    const message = await anthropic.messages.stream({ model, max_tokens: 100, messages }).finalMessage()
    expect(message.content).toMatchObject([{ thinking: 'Hm' }, { text: 'Hello' }, { name: 'f', input: { x: 1 } }])
    relay.upstream.respond = () => 'Hello'
    expect((await anthropic.messages.create({ model, max_tokens: 100, messages })).content).toMatchObject([{ text: 'Hello' }])
  })

  it('reads our errors', async () => {
    relay.upstream.respond = () => ({ status: 401, error: { message: 'secret' } })
    await expect(anthropic.messages.create({ model, max_tokens: 100, messages }, { maxRetries: 0 })).rejects.toMatchObject({
      status: 502, message: expect.stringContaining('upstream_auth'),
    })
    relay.upstream.respond = () => ({ text: 'So far', error: { message: 'secret' } })
    await expect(anthropic.messages.stream({ model, max_tokens: 100, messages }).finalMessage()).rejects.toThrow('upstream_error')
  })
})

describe('curl', () => {
  const curl = async (path: string, body: object, ...options: string[]) => (await run('curl', [
    '-sSN', ...options, `${relay.url}${path}`, '-H', 'content-type: application/json', '-d', JSON.stringify(body),
  ])).stdout

  it('gets the frames as they are', async () => {
    relay.upstream.respond = () => ({ text: 'Hello', usage: false })
    expect(await curl('/chat/completions', { stream: true, messages }))
      .toBe(toFrames({ text: 'Hello', usage: false, model }, { protocol: 'chat' }).join(''))
  })

  it('gets our error as JSON', async () => {
    relay.upstream.respond = () => ({ status: 503 })
    const [head, body] = (await curl('/chat/completions', { stream: true, messages }, '-i')).split('\r\n\r\n')
    expect(head).toMatch(/^HTTP\/1.1 503 /)
    expect(JSON.parse(body!).error).toMatchObject({ code: 'upstream_unavailable', retryable: true, type: 'server_error', param: null })
  })
})
