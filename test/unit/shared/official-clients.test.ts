import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import type { ProtocolName } from '../../../src/runtime/shared/wire'
import { streamFixtures } from '../../contracts/fixtures'
import type { WireFixture } from '../../contracts/fixtures'

/** What an official client's final message and ours must agree on. */
interface Comparable {
  text: string
  refusal: string
  calls: { id: string, name: string, arguments: unknown }[]
  finishReason: string | null
  /** Input and output tokens. */
  usage: [number, number] | null
}

/** Fixtures that the official client rejects, and we read. */
const REJECTED: Record<string, string> = {
  'chat/azure-filter': 'wants a role in the first delta',
  'chat/comments': 'wants a role in the first delta',
  'chat/data-after-done': 'wants a role in the first delta',
  'chat/legacy-completions': 'wants a role in the first delta',
  'chat/mistral-parts': 'wants a role in the first delta',
  'chat/moonshot-usage': 'wants a role in the first delta',
  'chat/data-lines': 'takes an empty data field for a message',
  'chat/done-only': 'wants a finish reason before [DONE]',
  'chat/tools-open-at-done': 'wants a finish reason before [DONE]',
  'chat/gemini-tools': 'wants an index in every call',
  'chat/mistral-tools': 'wants an index in every call',
  'chat/tools-without-ids': 'wants an index in every call',
  'chat/numbers': 'wants a number for the index of a call',
  'chat/prototype-keys': 'wants a type in every call',
  'chat/tools-name-later': 'wants a type in every call',
  'chat/nulls': 'wants choices in every message',
  'chat/unknown': 'wants choices in every message',
  'responses/after-terminal': 'reads on after the terminal',
  'responses/event-names-only': 'wants a type in every message',
  'responses/function-call-only-done': 'wants every item to be announced',
  'responses/function-call-unannounced': 'wants every item to be announced',
  'responses/openai': 'wants every content to be announced',
  'responses/incomplete': 'wants response.created first',
  'responses/without-items': 'wants response.created first',
  'responses/nulls': 'wants an item id in every delta',
  'responses/without-indexes': 'wants an output index in every message',
  'responses/unstable-ids': 'wants one id for an item',
  'responses/response-done': 'knows no response.done',
  'responses/unknown-item': 'knows no event that is new',
  'messages/duplicate-start': 'wants one message_start',
  'messages/event-names-only': 'wants a type in every message',
  'messages/nulls': 'wants content to be an array',
  'messages/without-block-start': 'wants every block to be announced',
  'messages/without-stop': 'wants message_stop, also after a stop reason',
}

/** Fixtures that both read, and come to something else on purpose. */
const DIFFERENT: Record<string, string> = {
  'chat/groq-usage': 'knows no x_groq',
  'chat/ollama-tools': 'joins two calls that share an index',
  'chat/tools-arguments-object': 'writes [object Object]',
  'chat/tools-id-changes': 'takes the last id, we the first, which was announced',
  'responses/completed-empty-output': 'believes an empty final output',
  'responses/done-marker-only': 'leaves the answer in progress',
}

/** Answers that broke off or failed, and that the official client gives as if they were whole. */
const TAKEN_FOR_WHOLE: Record<string, string> = {
  'chat/finish-error': 'takes any finish reason for an end',
  'chat/finish-network-error': 'takes any finish reason for an end',
  'chat/finish-no-resource': 'takes any finish reason for an end',
  'responses/failed-after-text': 'gives a failed response, without its text',
  'responses/truncated': 'gives a response in progress',
  'responses/function-call-truncated': 'gives a response in progress, with its call',
}

const readers: Record<ProtocolName, (bytes: Uint8Array) => Promise<Comparable>> = {
  async chat(bytes) {
    const stream = openai(bytes).chat.completions.stream({ model: 'm', messages: [] })
    const { choices: [choice], usage } = await stream.finalChatCompletion()
    const { content, refusal, tool_calls: calls = [], function_call: legacy } = choice!.message
    return {
      text: content ?? '',
      refusal: refusal ?? '',
      calls: [...calls.map(call => call.type === 'function'
        ? { id: call.id, name: call.function.name, arguments: call.function.arguments }
        : { id: call.id, name: call.custom.name, arguments: call.custom.input }),
      ...(legacy ? [{ id: '', name: legacy.name, arguments: legacy.arguments }] : [])],
      finishReason: choice!.finish_reason,
      usage: usage ? [usage.prompt_tokens, usage.completion_tokens] : null,
    }
  },

  async responses(bytes) {
    const { output, usage, status, incomplete_details: details } = await openai(bytes).responses.stream({ model: 'm', input: '' }).finalResponse()
    const contents = output.flatMap(item => item.type === 'message' ? item.content : [])
    return {
      text: contents.map(part => part.type === 'output_text' ? part.text : '').join(''),
      refusal: contents.map(part => part.type === 'refusal' ? part.refusal : '').join(''),
      calls: output.flatMap((item) => {
        if (item.type === 'function_call') return [{ id: item.call_id, name: item.name, arguments: item.arguments }]
        return item.type === 'custom_tool_call' ? [{ id: item.call_id, name: item.name, arguments: item.input }] : []
      }),
      finishReason: details?.reason ?? status ?? null,
      usage: usage ? [usage.input_tokens, usage.output_tokens] : null,
    }
  },

  async messages(bytes) {
    const client = new Anthropic({ apiKey: 'none', fetch: answering(bytes), maxRetries: 0, logLevel: 'off' })
    const { content, stop_reason: finishReason, usage } = await client.messages.stream({ model: 'm', max_tokens: 1, messages: [] }).finalMessage()
    const { input_tokens: input, cache_creation_input_tokens: written, cache_read_input_tokens: read, output_tokens: output } = usage
    return {
      text: content.map(block => block.type === 'text' ? block.text : '').join(''),
      refusal: '',
      calls: content.flatMap(block => block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input }] : []),
      finishReason,
      usage: [input + (written ?? 0) + (read ?? 0), output],
    }
  },
}

describe.each(['chat', 'responses', 'messages'] as const)('beside the official client of %s', (protocol) => {
  const fixtures = streamFixtures(protocol).map(fixture => ({ ...fixture, why: REJECTED[fixture.name] ?? DIFFERENT[fixture.name] ?? TAKEN_FOR_WHOLE[fixture.name] }))
  const whole = fixtures.filter(({ expected: { outcome } }) => !['truncated', 'failed', 'stopped'].includes(outcome))
  const broken = fixtures.filter(fixture => !whole.includes(fixture))
  const read = ({ bytes }: WireFixture) => readers[protocol](bytes)

  it.each(whole.filter(({ why }) => !why))('comes to the same for $name', async (fixture) => {
    expect(await read(fixture)).toEqual(ours(fixture))
  })

  it.each(listed(whole, DIFFERENT))('differs on purpose for $name: the client $why', async (fixture) => {
    expect(await read(fixture)).not.toEqual(ours(fixture))
  })

  it.each(listed(whole, REJECTED))('reads $name, where the client $why', async (fixture) => {
    await expect(read(fixture)).rejects.toThrow()
  })

  it.each(broken.filter(({ why }) => !why))('fails $name as the client does', async (fixture) => {
    await expect(read(fixture)).rejects.toThrow()
  })

  it.each(listed(broken, TAKEN_FOR_WHOLE))('fails $name, where the client $why', async (fixture) => {
    await expect(read(fixture)).resolves.toBeDefined()
  })
})

it('names only fixtures that exist', () => {
  const names = (['chat', 'responses', 'messages'] as const).flatMap(streamFixtures).map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(Object.keys({ ...REJECTED, ...DIFFERENT, ...TAKEN_FOR_WHOLE })))
})

function listed<T extends WireFixture>(fixtures: T[], list: Record<string, string>): T[] {
  return fixtures.filter(({ name }) => name in list)
}

function ours({ protocol, expected: { text, refusal, toolCalls, finishReason, usage } }: WireFixture): Comparable {
  return {
    text,
    refusal,
    // Anthropic's client gives input only parsed.
    calls: toolCalls.map(({ id, name, arguments: json, input }) => ({ id, name, arguments: protocol === 'messages' ? input : json })),
    finishReason,
    usage: usage ? [usage.inputTokens, usage.outputTokens] : null,
  }
}

function openai(bytes: Uint8Array): OpenAI {
  return new OpenAI({ apiKey: 'none', fetch: answering(bytes), maxRetries: 0, logLevel: 'off' })
}

function answering(bytes: Uint8Array): () => Promise<Response> {
  const headers = { 'content-type': 'text/event-stream' }
  return async () => new Response(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), { headers })
}
