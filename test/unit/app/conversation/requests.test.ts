import type { MessageParam } from '@anthropic-ai/sdk/resources/messages'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { ResponseInput } from 'openai/resources/responses/responses'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { loadToBody, toToolsBody } from '../../../../src/runtime/app/conversation/request'
import type { UIMessage, UIPart } from '../../../../src/runtime/app/conversation/ui-message'

// What is expected is typed by the providers' own clients, so that a shape they would not accept does not compile.
const toBody = { chat: await loadToBody('chat'), responses: await loadToBody('responses'), messages: await loadToBody('messages') }
const chat = (...messages: UIMessage[]) => toBody.chat(messages).messages as ChatCompletionMessageParam[]
const responses = (...messages: UIMessage[]) => toBody.responses(messages).input as ResponseInput
const anthropic = (...messages: UIMessage[]) => toBody.messages(messages).messages as MessageParam[]

const user = (...parts: UIPart[]): UIMessage => ({ id: 'u', role: 'user', parts })
const assistant = (...parts: UIPart[]): UIMessage => ({ id: 'a', role: 'assistant', parts })
const text = (words: string): UIPart => ({ type: 'text', text: words })

const weather: UIPart = {
  type: 'tool-weather', toolCallId: 'c1', state: 'output-available', input: { city: 'Oslo' }, output: { degrees: 4 },
}
const later: UIPart = { type: 'tool-weather', toolCallId: 'c2', state: 'input-available', input: { city: 'Bonn' } }
const broken: UIPart = { type: 'dynamic-tool', toolName: 'clock', toolCallId: 'c3', state: 'output-error', input: undefined, errorText: 'stopped' }
const declined: UIPart = { type: 'tool-pay', toolCallId: 'c4', state: 'output-denied', input: {}, approval: { id: 'c4', approved: false } }
const step: UIPart = { type: 'step-start' }

const png = 'data:image/png;base64,iVBORw0='
const image: UIPart = { type: 'file', mediaType: 'image/png', url: png }
const pdf: UIPart = { type: 'file', mediaType: 'application/pdf', filename: 'a.pdf', url: 'data:application/pdf;base64,JVBERg==' }
const words: UIPart = { type: 'file', mediaType: 'text/markdown', filename: 'a.md', url: `data:text/markdown;base64,${btoa('# Hi')}` }

describe('Chat Completions', () => {
  it('sends plain text as a string, and each step with the answers to its calls', () => {
    const expected: ChatCompletionMessageParam[] = [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"degrees":4}' },
      { role: 'assistant', content: '4 degrees.' },
    ]
    expect(chat(user(text('Hi')), assistant(step, text('I look.'), weather, step, text('4 degrees.')))).toEqual(expected)
  })

  it('tells the model of failures and refusals of its calls', () => {
    const [call, failed, refused] = chat(assistant(step, broken, declined))
    expect(call).toMatchObject({ tool_calls: [{ function: { name: 'clock', arguments: '{}' } }, { function: { name: 'pay' } }] })
    expect(failed).toMatchObject({ role: 'tool', content: 'Error: stopped' })
    expect(refused).toMatchObject({ role: 'tool', content: 'The user declined this call.' })
  })

  it('leaves out calls without an answer, reasoning, and what the upstream ran itself', () => {
    const searched: UIPart = { type: 'dynamic-tool', toolName: 'web_search', toolCallId: 's', providerExecuted: true, state: 'output-available', input: {}, output: {} }
    expect(chat(assistant(step, { type: 'reasoning', text: 'hm' }, searched, later))).toEqual([])
  })

  it('gives Gemini its thought signature back unchanged', () => {
    const signed = { ...weather, callProviderMetadata: { google: { thoughtSignature: 'c2ln' } } } as UIPart
    expect(chat(assistant(step, signed))[0]).toMatchObject({ tool_calls: [{ extra_content: { google: { thought_signature: 'c2ln' } } }] })
  })

  it('gives reasoning back in the field that it came in, to a model that goes on with its calls', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'x' }]
    const routed: UIPart = { type: 'reasoning', text: 'hm', providerMetadata: { openrouter: { reasoning_details: details } } }
    const named: UIPart = { type: 'reasoning', text: 'hm', providerMetadata: { llmStream: { field: 'reasoning_content' } } }
    expect(chat(assistant(step, routed, weather), user(text('Hi')))[0]).toMatchObject({ reasoning_details: details })
    expect(chat(assistant(step, named, weather))[0]).toMatchObject({ reasoning_content: 'hm' })
    expect(chat(assistant(step, named, weather), user(text('Hi')))[0]).not.toHaveProperty('reasoning_content')
    expect(chat(assistant(step, named, text('Hi')))[0]).not.toHaveProperty('reasoning_content')
  })

  it('sends a refusal as one, and free text of a custom call as it was', () => {
    const refusal: UIPart = { type: 'text', text: 'No.', providerMetadata: { llmStream: { refusal: true } } }
    const custom: UIPart = { type: 'dynamic-tool', toolName: 'sql', toolCallId: 'q', state: 'output-available', input: 'select 1', output: '1', callProviderMetadata: { llmStream: { custom: true } } }
    const expected: ChatCompletionMessageParam[] = [
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'q', type: 'custom', custom: { name: 'sql', input: 'select 1' } }] },
      { role: 'tool', tool_call_id: 'q', content: '1' },
    ]
    expect(chat(assistant(step, refusal, step, custom))).toEqual(expected)
  })

  it('sends images, documents, sound and words each in its own way', () => {
    const sound: UIPart = { type: 'file', mediaType: 'audio/wav', url: 'data:audio/wav;base64,UklG' }
    const expected: ChatCompletionMessageParam[] = [{
      role: 'user',
      content: [
        { type: 'text', text: 'Look' },
        { type: 'image_url', image_url: { url: png } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' } },
        { type: 'text', text: 'a.md:\n\n# Hi' },
        { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } },
      ],
    }]
    expect(chat(user(text('Look'), image, pdf, words, sound))).toEqual(expected)
  })
})

describe('Responses API', () => {
  const secret = (id: string, reasoningEncryptedContent?: string): UIPart => ({
    type: 'reasoning', text: `think ${id}`, providerMetadata: { openai: { itemId: id, reasoningEncryptedContent } },
  })

  it('sends items in their order, then the answers to the calls', () => {
    const expected: ResponseInput = [
      { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'think rs_1' }], encrypted_content: 'enc' },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call_output', call_id: 'c1', output: '{"degrees":4}' },
    ]
    expect(responses(user(text('Hi')), assistant(step, secret('rs_1', 'enc'), weather))).toEqual(expected)
    expect(responses(assistant(step, text('4 degrees.')))).toEqual([
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: '4 degrees.' }] },
    ])
  })

  it('makes one reasoning item of the parts of its summary', () => {
    const [item] = responses(assistant(step, secret('rs_1'), secret('rs_1', 'enc'), weather))
    expect(item).toMatchObject({ type: 'reasoning', id: 'rs_1', encrypted_content: 'enc' })
    expect((item as { summary: unknown[] }).summary).toHaveLength(2)
  })

  it('leaves out reasoning that is not encrypted, or that led to nothing that is sent', () => {
    expect(responses(assistant(step, secret('rs_1'), weather))).toHaveLength(2)
    expect(responses(assistant(step, secret('rs_1', 'enc'), later))).toEqual([])
    expect(responses(assistant(step, secret('rs_1', 'enc')))).toEqual([])
  })

  it('keeps the phase of a message, and answers custom calls as such', () => {
    const commentary: UIPart = { type: 'text', text: 'Wait.', providerMetadata: { openai: { phase: 'commentary' } } }
    const custom: UIPart = { type: 'dynamic-tool', toolName: 'sql', toolCallId: 'q', state: 'output-available', input: 'select 1', output: '1', callProviderMetadata: { llmStream: { custom: true } } }
    expect(responses(assistant(step, commentary, custom))).toEqual([
      { type: 'message', role: 'assistant', phase: 'commentary', content: [{ type: 'output_text', text: 'Wait.' }] },
      { type: 'custom_tool_call', call_id: 'q', name: 'sql', input: 'select 1' },
      { type: 'custom_tool_call_output', call_id: 'q', output: '1' },
    ])
  })

  it('sends files', () => {
    const expected: ResponseInput = [{
      role: 'user',
      content: [
        { type: 'input_image', image_url: png, detail: 'auto' },
        { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERg==' },
      ],
    }]
    expect(responses(user(image, pdf))).toEqual(expected)
  })
})

describe('Anthropic Messages', () => {
  const thinking: UIPart = { type: 'reasoning', text: 'hm', providerMetadata: { anthropic: { signature: 'sig' } } }
  const redacted: UIPart = { type: 'reasoning', text: '', providerMetadata: { anthropic: { redactedData: 'xyz' } } }

  it('sends thinking back unchanged before the call it led to, and all answers in one message', () => {
    const expected: MessageParam[] = [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'sig' },
          { type: 'redacted_thinking', data: 'xyz' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'c3', name: 'clock', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c1', content: '{"degrees":4}' },
          { type: 'tool_result', tool_use_id: 'c3', content: 'Error: stopped', is_error: true },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: '4 degrees.' }] },
    ]
    expect(anthropic(user(text('Hi')), assistant(step, thinking, redacted, text('I look.'), weather, broken, step, text('4 degrees.'))))
      .toEqual(expected)
  })

  it('drops thinking without a signature, thinking that ends a message, and messages without content', () => {
    expect(anthropic(assistant(step, { type: 'reasoning', text: 'hm' }, text('Hi')))).toEqual([{ role: 'assistant', content: [{ type: 'text', text: 'Hi' }] }])
    expect(anthropic(assistant(step, thinking, later))).toEqual([])
    expect(anthropic(user(text('')))).toEqual([])
  })

  it('moves system messages to where the protocol wants them', () => {
    const body = toBody.messages([{ id: 's', role: 'system', parts: [text('Be brief.')] }, user(text('Hi'))])
    expect(body).toEqual({ system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] })
  })

  it('sends images and documents', () => {
    const expected: MessageParam[] = [{
      role: 'user',
      content: [
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0=' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERg==' }, title: 'a.pdf' },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '# Hi' }, title: 'a.md' },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      ],
    }]
    expect(anthropic(user(image, pdf, words, { type: 'file', mediaType: 'image/png', url: 'https://example.com/a.png' }))).toEqual(expected)
  })
})

describe('tools', () => {
  const tools = { weather: { description: 'Tells the weather.', schema: z.object({ city: z.string() }) } }
  const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }

  it('are declared as each protocol wants them', () => {
    expect(toToolsBody('chat', tools)).toEqual({ tools: [{ type: 'function', function: { name: 'weather', description: 'Tells the weather.', parameters: schema } }] })
    expect(toToolsBody('responses', tools)).toEqual({ tools: [{ type: 'function', name: 'weather', description: 'Tells the weather.', parameters: schema, strict: false }] })
    expect(toToolsBody('messages', tools)).toEqual({ tools: [{ name: 'weather', description: 'Tells the weather.', input_schema: schema }] })
  })

  it('take a plain JSON Schema, or no input at all', () => {
    expect(toToolsBody('messages', { a: { schema }, b: {} })).toEqual({
      tools: [{ name: 'a', input_schema: schema }, { name: 'b', input_schema: { type: 'object', properties: {} } }],
    })
  })

  it('are not mentioned where there are none', () => {
    expect(toToolsBody('chat', {})).toEqual({})
  })
})
