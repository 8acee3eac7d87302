import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { createFakeUpstream, demoResponder } from '../../../src/runtime/testing'
import { sampleOf } from '../../../src/runtime/testing/demo/sample'

const upstream = () => createFakeUpstream({ respond: demoResponder({ delay: 0 }) })
const client = () => new OpenAI({ apiKey: 'sk-test', baseURL: 'http://fake/v1', maxRetries: 0, fetch: upstream().fetch })
const say = (content: string) => client().chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] })
const stream = async (content: string) => {
  const { fetch } = upstream()
  const body = JSON.stringify({ stream: true, messages: [{ role: 'user', content }] })
  return (await fetch('http://fake/chat/completions', { method: 'POST', body })).text()
}

const weather = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', maximum: 5 } }, required: ['city'] },
}

describe('the demo responder', () => {
  it('greets, in several scripts', async () => {
    const { choices: [choice] } = await say('Hi')
    expect(choice!.message.content).toMatch(/demo upstream[\s\S]*你好[\s\S]*🎈/)
    expect(choice!.finish_reason).toBe('stop')
  })

  it('echoes', async () => {
    expect((await say('echo: 谢谢 🎈')).choices[0]!.message.content).toBe('谢谢 🎈')
  })

  it.each([[401], [429], [500]])('answers %s when it is named', async (status) => {
    await expect(say(`please answer ${status}`)).rejects.toMatchObject({ status })
  })

  it('refuses', async () => {
    expect((await say('refuse')).choices[0]!.message).toMatchObject({ content: null, refusal: expect.stringContaining('rather not') })
  })

  it('thinks before it speaks', async () => {
    expect(await stream('give me a reason')).toMatch(/reasoning_content[\s\S]*"content":"Three/)
  })

  it('breaks off with an error frame', async () => {
    expect(await stream('error')).toMatch(/data: \{"error":.*\n\n$/)
  })

  it('ends early and looks as if it had not', async () => {
    expect(await stream('truncate')).not.toMatch(/\[DONE\]|"finish_reason":"/)
  })

  it('breaks the connection', async () => {
    await expect(stream('cut')).rejects.toThrow('terminated')
  })

  it('calls the tool that the prompt is about, and goes on with its result', async () => {
    const { choices: [choice] } = await client().chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: 'How is the weather in Bergen?' }],
      tools: [{ type: 'function', function: { name: 'get_time', parameters: {} } }, { type: 'function', function: weather }],
    })
    const [toolCall] = choice!.message.tool_calls!
    expect(toolCall).toMatchObject({ function: { name: 'get_weather', arguments: '{"city":"Bergen","days":5}' } })

    const { choices: [next] } = await client().chat.completions.create({
      model: 'm',
      messages: [
        { role: 'user', content: 'How is the weather in Bergen?' }, choice!.message,
        { role: 'tool', tool_call_id: toolCall!.id, content: '{"sky":"rain"}' },
      ],
    })
    expect(next!.message.content).toContain('{"sky":"rain"}')
  })

  it('reads results and tools of the Responses API', async () => {
    const first = await client().responses.create({
      model: 'm', input: 'use a tool', tools: [{ type: 'function', strict: true, ...weather }],
    })
    expect(first.output[1]).toMatchObject({ type: 'function_call', name: 'get_weather', arguments: '{"city":"Lisbon","days":5}' })
    const next = await client().responses.create({
      model: 'm', input: [{ role: 'user', content: 'use a tool' }, { type: 'function_call_output', call_id: 'a', output: '21 degrees' }],
    })
    expect(next.output_text).toContain('21 degrees')
  })

  it('reads results and tools of Messages', async () => {
    const { fetch } = upstream()
    const ask = async (body: object) => (await fetch('http://fake/v1/messages', { method: 'POST', body: JSON.stringify(body) })).json()
    const first = await ask({ messages: [{ role: 'user', content: 'a tool, please' }], tools: [{ name: 'get_weather', input_schema: weather.parameters }] })
    expect(first.content[1]).toMatchObject({ type: 'tool_use', name: 'get_weather', input: { city: 'Lisbon', days: 5 } })
    const next = await ask({ messages: [
      { role: 'user', content: 'a tool, please' }, { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'sunny' }] }] },
    ] })
    expect(next.content[0].text).toContain('sunny')
  })

  it.each([
    ['chat', '/chat/completions', (schema: object) => ({ messages: [], response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })],
    ['responses', '/responses', (schema: object) => ({ input: 'go', text: { format: { type: 'json_schema', name: 'x', schema } } })],
    ['messages', '/messages', (schema: object) => ({ messages: [], output_config: { format: { type: 'json_schema', schema } } })],
  ])('fills the schema that a %s request asks for', async (_, path, toBody) => {
    const { fetch } = upstream()
    const schema = { type: 'object', properties: { title: { type: 'string' } } }
    const answer = await (await fetch(`http://fake${path}`, { method: 'POST', body: JSON.stringify(toBody(schema)) })).json()
    const text = answer.choices?.[0].message.content ?? answer.content?.[0].text ?? answer.output[0].content[0].text
    expect(JSON.parse(text)).toEqual({ title: 'Lemonade on the roof' })
  })

  it('survives a body that is nothing it knows', async () => {
    const { fetch } = upstream()
    for (const body of ['', 'null', '[]', '{"messages":5,"tools":[null]}']) {
      expect((await fetch('http://fake/chat/completions', { method: 'POST', body })).status).toBe(200)
    }
  })
})

describe('a sample of a JSON Schema', () => {
  it('has every property, by type, format, name and bounds', () => {
    expect(sampleOf({
      type: 'object',
      properties: {
        city: { type: 'string' }, when: { type: 'string', format: 'date' }, year: { type: 'integer' },
        share: { type: 'number', minimum: 0, maximum: 1 }, mood: { enum: ['calm', 'wild'] }, kind: { const: 'walk' },
        tags: { type: 'array', items: { type: 'string' }, maxItems: 2 }, open: { type: ['boolean', 'null'] },
        note: { anyOf: [{ type: 'null' }, { type: 'string', maxLength: 5 }] },
      },
    })).toEqual({
      city: 'Lisbon', when: '2026-05-01', year: 2026, share: 1, mood: 'calm', kind: 'walk', tags: ['sunrise', 'noon'], open: true, note: 'Short',
    })
  })

  it('follows references and stops where a schema names itself', () => {
    const node = { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } } }
    const value = JSON.stringify(sampleOf({ $ref: '#/$defs/node', $defs: { node } }))
    expect(value.length).toBeLessThan(20_000)
    expect(sampleOf({ type: 'object', properties: { self: { $ref: '#' } } })).toHaveProperty('self.self.self')
  })
})
