import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RequestOptions } from '../../../src/runtime/app/run/request'
import { buildRequest } from '../../../src/runtime/app/run/request'
import { createStructured } from '../../../src/runtime/app/run/structured'
import type { AnySchema } from '../../../src/runtime/shared/schema'

const unused = () => Promise.reject(new Error('not sent'))

function build(input: unknown, { schema, protocol = 'chat', ...options }: Partial<RequestOptions> & { schema?: AnySchema } = {}) {
  const ask = schema && createStructured(schema, protocol).ask
  const { body, ...request } = buildRequest({ input, endpoint: '/api/llm', protocol, fetch: unused, ...options }, ask)
  return { ...request, body: JSON.parse(body!) as Record<string, unknown> }
}

describe('body', () => {
  it('makes one message of a text, in the words of each protocol', () => {
    expect(build('Hi').body).toEqual({ messages: [{ role: 'user', content: 'Hi' }], stream: true })
    expect(build('Hi', { protocol: 'messages' }).body).toEqual({ messages: [{ role: 'user', content: 'Hi' }], stream: true })
    expect(build('Hi', { protocol: 'responses' }).body).toEqual({ input: 'Hi', stream: true })
  })

  it('lets what start is given win over the model, and that over the body', () => {
    const options = { model: 'small', body: { model: 'base', temperature: 0, stream: false } }
    expect(build('Hi', options).body).toMatchObject({ model: 'small', temperature: 0, stream: true })
    expect(build({ model: 'large', messages: [], stream: false }, options).body).toMatchObject({ model: 'large', temperature: 0, stream: true })
  })

  it('takes a DOM event, null and nothing for no input', () => {
    const body = { messages: [{ role: 'user', content: 'From the options' }] }
    for (const input of [undefined, null, { type: 'click', preventDefault() {} }]) {
      expect(build(input, { body }).body).toEqual({ ...body, stream: true })
    }
  })

  it('refuses an input that is no request, and names what it takes', () => {
    expect(() => build([{ role: 'user', content: 'Hi' }])).toThrow('start() takes a string')
    expect(() => build(5)).toThrow('start() takes a string')
  })
})

describe('address', () => {
  it('is the endpoint, the upstream and the path of the protocol', () => {
    expect(build('Hi').url).toBe('/api/llm/chat/completions')
    expect(build('Hi', { endpoint: 'https://a.test/llm/', upstream: 'fast', protocol: 'messages' }).url).toBe('https://a.test/llm/fast/messages')
  })

  it('is exactly the url where one is given', () => {
    expect(build('Hi', { url: '/api/poem', upstream: 'fast' }).url).toBe('/api/poem')
  })
})

it('sends the app\'s headers, but its own where they count', () => {
  const { headers } = build('Hi', { headers: new Headers({ 'Authorization': 'Bearer x', 'Content-Type': 'text/plain' }) })
  expect(headers).toEqual({
    'authorization': 'Bearer x',
    'accept': 'text/event-stream',
    'content-type': 'application/json',
    'x-requested-with': 'nuxt-llm-stream',
  })
})

describe('schema', () => {
  const schemas = {
    zod: z.object({ title: z.string(), steps: z.array(z.object({ text: z.string() })) }),
    valibot: toStandardJsonSchema(v.object({ title: v.string(), steps: v.array(v.object({ text: v.string() })) })),
  }
  const expected = {
    type: 'object',
    properties: {
      title: { type: 'string' },
      steps: {
        type: 'array',
        items: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false },
      },
    },
    required: ['title', 'steps'],
    additionalProperties: false,
  }

  it.each(Object.entries(schemas))('asks for JSON in the way of each protocol (%s)', (_, schema) => {
    expect(build('Hi', { schema }).body.response_format)
      .toEqual({ type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: expected } })
    expect(build('Hi', { schema, protocol: 'responses' }).body.text)
      .toEqual({ format: { type: 'json_schema', name: 'answer', strict: true, schema: expected } })
    expect(build('Hi', { schema, protocol: 'messages' }).body.output_config)
      .toEqual({ format: { type: 'json_schema', schema: expected } })
  })

  it('is strict only where no property is optional and none is unknown', () => {
    const strict = (schema: z.ZodType) => (build('Hi', { schema }).body.response_format as {
      json_schema: { strict: boolean }
    }).json_schema.strict
    expect(strict(z.object({ a: z.object({ b: z.string() }) }))).toBe(true)
    expect(strict(z.object({ a: z.object({ b: z.string().optional() }) }))).toBe(false)
    expect(strict(z.object({ a: z.record(z.string(), z.number()) }))).toBe(false)
  })

  it('takes a property for a property, even one that is called `properties`', () => {
    const { json_schema } = build('Hi', {
      schema: z.object({ properties: z.string(), required: z.string() }),
    }).body.response_format as { json_schema: { schema: { properties: object } } }
    expect(Object.keys(json_schema.schema.properties)).toEqual(['properties', 'required'])
  })

  it('keeps what the body says beside it, and the body\'s own format', () => {
    const schema = schemas.zod
    expect(build('Hi', { schema, protocol: 'responses', body: { text: { verbosity: 'low' } } }).body.text)
      .toMatchObject({ verbosity: 'low', format: { type: 'json_schema' } })
    expect(build('Hi', { schema, body: { response_format: { type: 'json_object' } } }).body.response_format)
      .toEqual({ type: 'json_object' })
  })
})
