import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { createFakeUpstream } from '../../../src/runtime/testing'
import type { Script } from '../../../src/runtime/testing'

/** The official clients judge whether the frames are what the providers send. */
const openai = (script: Script) => new OpenAI({
  apiKey: 'sk-test', baseURL: 'http://fake/v1', maxRetries: 0, fetch: createFakeUpstream({ respond: () => script }).fetch,
})
const anthropic = (script: Script) => new Anthropic({
  apiKey: 'sk-test', baseURL: 'http://fake', maxRetries: 0, fetch: createFakeUpstream({ respond: () => script }).fetch,
})
const messages = [{ role: 'user' as const, content: 'Hi' }]
const usage = { inputTokens: 12, outputTokens: 7, reasoningTokens: 3, cachedInputTokens: 4 }
const text = '你好,世界 👩‍🚀 – hello!\n\nGood   night'
const toolCalls = [
  { id: 'a', name: 'get_weather', arguments: { city: 'København' } },
  { id: 'b', name: 'get_time' },
]

describe('Chat Completions', () => {
  it('streams what the openai client puts together again', async () => {
    const run = openai({ text, toolCalls, usage }).chat.completions.stream({ model: 'm', messages })
    const answer = await run.finalChatCompletion()
    expect(answer.choices[0]!.message).toMatchObject({
      content: text,
      tool_calls: [
        { id: 'a', function: { name: 'get_weather', arguments: '{"city":"København"}' } },
        { id: 'b', function: { name: 'get_time', arguments: '{}' } },
      ],
    })
    expect(answer.choices[0]!.finish_reason).toBe('tool_calls')
    expect(answer.model).toBe('m')
    expect(await run.totalUsage()).toMatchObject({ prompt_tokens: 12, completion_tokens: 7, total_tokens: 19 })
  })

  it('streams reasoning and a refusal as deltas of their own', async () => {
    const stream = await openai({ reasoning: ['Hm', ' …'], refusal: 'I would rather not.' })
      .chat.completions.create({ model: 'm', messages, stream: true })
    const deltas = []
    for await (const chunk of stream) deltas.push(chunk.choices[0]?.delta)
    expect(deltas.flatMap(delta => delta && 'reasoning_content' in delta ? [delta.reasoning_content] : [])).toEqual(['Hm', ' …'])
    expect(deltas.map(delta => delta?.refusal ?? '').join('')).toBe('I would rather not.')
  })

  it('answers without a stream', async () => {
    const answer = await openai({ text, outcome: 'length', usage }).chat.completions.create({ model: 'm', messages })
    expect(answer.choices[0]).toMatchObject({ message: { content: text }, finish_reason: 'length' })
    expect(answer.usage).toMatchObject({ total_tokens: 19, completion_tokens_details: { reasoning_tokens: 3 } })
  })

  it('breaks off with an error frame', async () => {
    const stream = await openai({ text: 'So far', error: { message: 'The model tripped.' } })
      .chat.completions.create({ model: 'm', messages, stream: true })
    const read = async () => {
      let seen = ''
      try {
        for await (const chunk of stream) seen += chunk.choices[0]?.delta.content ?? ''
      }
      catch (error) {
        return [seen, String(error)]
      }
    }
    expect(await read()).toEqual(['So far', expect.stringContaining('The model tripped.')])
  })

  it('answers an error status that the client understands', async () => {
    await expect(openai({ status: 401, error: { message: 'No such key.', code: 'invalid_api_key' } })
      .chat.completions.create({ model: 'm', messages })).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  })
})

describe('Responses', () => {
  it('streams what the openai client puts together again', async () => {
    const answer = await openai({ reasoning: 'Let me see.', text, refusal: 'But no more.', toolCalls, usage })
      .responses.stream({ model: 'm', input: 'Hi' }).finalResponse()
    expect(answer.output_text).toBe(text)
    expect(answer.output.map(item => item.type)).toEqual(['reasoning', 'message', 'function_call', 'function_call'])
    expect(answer.output[1]).toMatchObject({ content: [{ type: 'output_text' }, { type: 'refusal', refusal: 'But no more.' }] })
    expect(answer.output[2]).toMatchObject({ call_id: 'a', name: 'get_weather', arguments: '{"city":"København"}' })
    expect(answer).toMatchObject({ status: 'completed', usage: { total_tokens: 19 } })
  })

  it('streams deltas that add up to the same', async () => {
    const stream = await openai({ reasoning: 'Let me see.', text, toolCalls }).responses.create({ model: 'm', input: 'Hi', stream: true })
    const sums: Record<string, string> = {}
    let sequence = 0
    for await (const event of stream) {
      expect(event.sequence_number).toBe(sequence++)
      if ('delta' in event) sums[event.type] = (sums[event.type] ?? '') + String(event.delta)
    }
    expect(sums).toEqual({
      'response.reasoning_summary_text.delta': 'Let me see.',
      'response.output_text.delta': text,
      'response.function_call_arguments.delta': '{"city":"København"}{}',
    })
  })

  it('says why an answer is incomplete', async () => {
    const answer = await openai({ text: 'Once upon', outcome: 'length' }).responses.create({ model: 'm', input: 'Hi' })
    expect(answer).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  })

  it('breaks off with an error event and a failed response', async () => {
    const { fetch } = createFakeUpstream({ respond: () => ({ text: 'So', error: { message: 'It tripped.', code: 'server_error' } }) })
    const body = await (await fetch('http://fake/responses', { method: 'POST', body: '{"stream":true}' })).text()
    expect(body.match(/^event: .*/gm)!.slice(-2)).toEqual(['event: error', 'event: response.failed'])
  })
})

describe('Messages', () => {
  it('streams what the anthropic client puts together again', async () => {
    const answer = await anthropic({ reasoning: 'Let me see.', text, toolCalls, usage })
      .messages.stream({ model: 'm', max_tokens: 100, messages }).finalMessage()
    expect(answer.content).toMatchObject([
      { type: 'thinking', thinking: 'Let me see.' },
      { type: 'text', text },
      { type: 'tool_use', id: 'a', name: 'get_weather', input: { city: 'København' } },
      { type: 'tool_use', id: 'b', name: 'get_time', input: {} },
    ])
    expect(answer).toMatchObject({ model: 'm', stop_reason: 'tool_use', usage: { input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 7 } })
  })

  it('answers without a stream', async () => {
    const answer = await anthropic({ text, refusal: 'No.', usage }).messages.create({ model: 'm', max_tokens: 100, messages })
    expect(answer).toMatchObject({ content: [{ text }, { text: 'No.' }], stop_reason: 'refusal' })
  })

  it('breaks off with an error event', async () => {
    const run = anthropic({ text: 'So far', error: { type: 'overloaded_error', message: 'Overloaded' } })
      .messages.stream({ model: 'm', max_tokens: 100, messages })
    await expect(run.finalMessage()).rejects.toThrow('Overloaded')
  })
})
