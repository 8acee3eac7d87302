import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { hello, startWholeRelay } from './support/relay'

const messages = [{ role: 'user' as const, content: 'Hi' }]

describe('the official OpenAI client', () => {
  async function connect(given: Parameters<typeof startWholeRelay>[0] = {}) {
    const relay = await startWholeRelay(given)
    return { ...relay, client: new OpenAI({ baseURL: `${relay.url}/api/llm`, apiKey: 'dummy' }) }
  }

  it('streams, and does not stream', async () => {
    const { client, upstream } = await connect({ respond: () => 'Hello there.' })
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model: 'good', messages, stream: true })) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('Hello there.')
    const whole = await client.chat.completions.create({ model: 'good', messages })
    expect(whole.choices[0]!.message.content).toBe('Hello there.')
    const response = await client.responses.create({ model: 'good', input: 'Hi' })
    expect(response.output_text).toBe('Hello there.')
    expect(upstream.calls.every(call => call.headers.authorization === 'Bearer sk-test')).toBe(true)
  })

  it('calls tools', async () => {
    const { client } = await connect({ respond: () => ({ toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }] }) })
    const { choices } = await client.chat.completions.create({ model: 'good', messages, tools: [{ type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } }] })
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } }] } })
  })

  it('reads our errors, and does not try again what we tried', async () => {
    const { client, upstream } = await connect({ respond: () => ({ status: 401 }) })
    await expect(client.chat.completions.create({ model: 'good', messages })).rejects.toMatchObject({ status: 502, code: 'upstream_auth', type: 'server_error', message: expect.stringContaining('credentials') })
    expect(upstream.calls).toHaveLength(1)
    await expect(client.chat.completions.create({ model: 'o3-pro', messages })).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(client.chat.completions.create({ model: 'o3-pro', messages })).rejects.toMatchObject({ code: 'model_not_allowed', type: 'invalid_request_error', requestID: expect.stringMatching(/^[\w-]{22}$/) })
  })

  it('reads an error in mid-stream', async () => {
    const { client } = await connect({ respond: () => ({ text: 'one two', error: { message: 'boom' } }) })
    const stream = await client.chat.completions.create({ model: 'good', messages, stream: true })
    const read = async () => {
      for await (const _ of stream) { /* until it breaks */ }
    }
    await expect(read()).rejects.toMatchObject({ code: 'upstream_error' })
  })

  it('waits as long as a limit says', async () => {
    const { client } = await connect({ limits: { rate: 1 } })
    await client.chat.completions.create({ model: 'good', messages })
    await expect(client.chat.completions.create({ model: 'good', messages }, { maxRetries: 0 })).rejects.toMatchObject({ status: 429, code: 'rate_limited' })
  })
})

describe('the official Anthropic client', () => {
  it('streams, and reads our errors', async () => {
    const { url } = await startWholeRelay({ respond: () => 'Hello there.' })
    const client = new Anthropic({ baseURL: `${url}/api/llm`, apiKey: 'dummy', maxRetries: 0 })
    const message = await client.messages.stream({ model: 'good', max_tokens: 10, messages }).finalMessage()
    expect(message.content).toMatchObject([{ type: 'text', text: 'Hello there.' }])
    await expect(client.messages.create({ model: 'o3-pro', max_tokens: 10, messages })).rejects.toMatchObject({ status: 400, error: { error: { code: 'model_not_allowed' } } })
  })
})

it('needs no client at all', async () => {
  const { post } = await startWholeRelay({ respond: () => 'Hello there.' })
  const response = await post('chat/completions', { ...hello, stream: false })
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hello there.' } }] })
})
