import { mount } from '@vue/test-utils'
import { fetch } from 'undici'
import { expect, it, onTestFinished } from 'vitest'
import { defineComponent, h } from 'vue'
import { z } from 'zod'
import { useConversation } from '../../src/runtime/app'
import type { UseConversationOptions, UseConversationReturn } from '../../src/runtime/app'
import type { Fetch } from '../../src/runtime/app/run/request'
import type { ProtocolName } from '../../src/runtime/shared/wire'
import type { Respond } from '../../src/runtime/testing'
import { startWholeRelay } from '../unit/server/relay/support/relay'

/** A component, the relay, and an upstream: two hops of real HTTP. */
async function converse<TProtocol extends ProtocolName>(protocol: TProtocol, respond: Respond, options: UseConversationOptions<never, TProtocol> = {}, params = {}) {
  const { url, upstream } = await startWholeRelay({ respond, upstreams: { default: { protocols: [protocol], params } } })
  let chat!: UseConversationReturn
  const wrapper = mount(defineComponent(() => {
    chat = useConversation({
      protocol,
      endpoint: `${url}/api/llm`,
      fetch: fetch as unknown as Fetch, // happy-dom's own has no streams
      tools: {
        weather: { schema: z.object({ city: z.string() }), execute: ({ city }) => `${city}: 4 degrees` },
        clock: { execute: () => { throw new Error('stopped') } },
      },
      ...options as object,
    })
    return () => h('p')
  }))
  onTestFinished(() => wrapper.unmount())
  const result = await chat.send('Weather in Oslo, and the time?')
  return { chat, result, bodyOf: (index: number) => upstream.calls[index]!.body as Record<string, unknown> }
}

const calls = { text: 'I look.', reasoning: 'Two tools.', toolCalls: [{ name: 'weather', id: 'c1', arguments: { city: 'Oslo' } }, { name: 'clock', id: 'c2' }] }
const twoSteps: Respond = ({ index }) => index === 0 ? calls : 'Cold.'

function sse(...messages: { type?: string, [field: string]: unknown }[]) {
  const body = messages.map(message => `${message.type ? `event: ${message.type}\n` : ''}data: ${JSON.stringify(message)}\n\n`)
  return { headers: { 'content-type': 'text/event-stream' }, body }
}

it('makes a round trip with tools over Chat Completions', async () => {
  const { result, bodyOf, chat } = await converse('chat', twoSteps)
  expect(result).toMatchObject({ outcome: 'complete', text: 'Cold.' })
  expect(bodyOf(1).messages).toEqual([
    { role: 'user', content: 'Weather in Oslo, and the time?' },
    expect.objectContaining({ role: 'assistant', content: 'I look.', tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      { id: 'c2', type: 'function', function: { name: 'clock', arguments: '{}' } },
    ] }),
    { role: 'tool', tool_call_id: 'c1', content: 'Oslo: 4 degrees' },
    { role: 'tool', tool_call_id: 'c2', content: 'Error: stopped' },
  ])
  expect(bodyOf(1).tools).toHaveLength(2)
  expect(chat.messages.value.map(({ parts }) => parts.map(({ type }) => type))).toEqual([
    ['text'],
    ['step-start', 'reasoning', 'text', 'tool-weather', 'tool-clock', 'step-start', 'text'],
  ])
})

it('gives Gemini its thought signatures back', async () => {
  const signed = { index: null, id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' }, extra_content: { google: { thought_signature: 'c2ln+/=' } } }
  const { bodyOf } = await converse('chat', ({ index }) => index > 0
    ? 'Cold.'
    : sse({ choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [signed] }, finish_reason: 'stop' }] }))
  expect((bodyOf(1).messages as { tool_calls: object[] }[])[1]!.tool_calls).toEqual([
    { id: 'c1', type: 'function', function: signed.function, extra_content: signed.extra_content },
  ])
})

it('makes a round trip with tools over the Responses API, with encrypted reasoning', async () => {
  const reasoning = { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'One tool.' }], encrypted_content: 'gAAA+/=' }
  const call = { id: 'fc_1', type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' }
  const { result, bodyOf } = await converse('responses', ({ index }) => index > 0
    ? 'Cold.'
    : sse(
        { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
        { type: 'response.output_item.added', output_index: 0, item: { ...reasoning, summary: [], encrypted_content: 'gA' } },
        { type: 'response.output_item.done', output_index: 0, item: reasoning },
        { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
        { type: 'response.output_item.done', output_index: 1, item: call },
        { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
      ))
  expect(result).toMatchObject({ outcome: 'complete', text: 'Cold.' })
  expect(bodyOf(1).input).toEqual([
    { role: 'user', content: [{ type: 'input_text', text: 'Weather in Oslo, and the time?' }] },
    reasoning,
    { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
    { type: 'function_call_output', call_id: 'c1', output: 'Oslo: 4 degrees' },
  ])
})

it('sends only what is new where the upstream keeps the conversation', async () => {
  const { bodyOf, chat } = await converse('responses', twoSteps, {
    body: { store: true },
    toRequest(messages, { toBody }) {
      const known = messages.findLastIndex(({ metadata }) => metadata?.responseId)
      const { input } = toBody(messages.slice(Math.max(known, 0))) as { input: { type?: string }[] }
      if (known === -1) return { input }
      // What the upstream said itself it has: of its last answer it needs the results of the calls, and what came after.
      const said = input.findLastIndex(({ type }) => type === 'function_call' || type === 'message')
      return { input: input.slice(said + 1), previous_response_id: messages[known]!.metadata!.responseId }
    },
  }, { allow: ['store', 'previous_response_id'] })
  expect(bodyOf(1)).toMatchObject({
    store: true,
    previous_response_id: 'resp_1',
    input: [
      { type: 'function_call_output', call_id: 'c1', output: 'Oslo: 4 degrees' },
      { type: 'function_call_output', call_id: 'c2', output: 'Error: stopped' },
    ],
  })
  await chat.send('And in Bonn?')
  expect(bodyOf(2)).toMatchObject({ previous_response_id: 'resp_2', input: [{ role: 'user', content: [{ text: 'And in Bonn?' }] }] })
})

it('makes a round trip with tools over Anthropic Messages, with the signature of its thinking', async () => {
  const { result, bodyOf } = await converse('messages', twoSteps)
  expect(result).toMatchObject({ outcome: 'complete', text: 'Cold.' })
  expect(bodyOf(1).messages).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo, and the time?' }] },
    { role: 'assistant', content: [
      { type: 'thinking', thinking: 'Two tools.', signature: 'ZmFrZS1zaWduYXR1cmU=' },
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool_use', id: 'c2', name: 'clock', input: {} },
    ] },
    { role: 'user', content: [
      { type: 'tool_result', tool_use_id: 'c1', content: 'Oslo: 4 degrees' },
      { type: 'tool_result', tool_use_id: 'c2', content: 'Error: stopped', is_error: true },
    ] },
  ])
})

it.each(['chat', 'responses', 'messages'] as const)('passes files through the relay over %s', async (protocol) => {
  const { chat, bodyOf } = await converse(protocol, () => 'Nice.')
  const png = new File([new Uint8Array([137, 80])], 'a.png', { type: 'image/png' })
  expect(await chat.send({ text: 'Look.', files: [png] })).toMatchObject({ outcome: 'complete', error: null })
  expect(JSON.stringify(bodyOf(1))).toContain('iVA=')
})
