import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { z } from 'zod'
import { useConversation } from '../../src/runtime/app'
import type { UseConversationOptions, UseConversationReturn } from '../../src/runtime/app'
import type { UIMessage, UIPart } from '../../src/runtime/app/conversation/ui-message'
import { createLiveFetch } from '../support/live-fetch'
import type { LiveCall } from '../support/live-fetch'

const mounted: { unmount: () => void }[] = []
afterEach(() => {
  vi.restoreAllMocks()
  for (const wrapper of mounted.splice(0)) wrapper.unmount()
})

function converse(options: UseConversationOptions = {}, text = '') {
  const { fetch, calls } = createLiveFetch()
  let chat!: UseConversationReturn
  const wrapper = mount(defineComponent(() => {
    chat = useConversation({ fetch, publish: 'sync', ...options })
    return () => h('p')
  }))
  mounted.push(wrapper)
  if (text) void chat.send(text)
  return { chat, calls, unmount: () => wrapper.unmount() }
}

/** The model calls tools, each with these arguments. */
function callTools(call: LiveCall, tools: Record<string, string>, finish: string | null = 'tool_calls') {
  const tool_calls = Object.entries(tools).map(([name, args], index) => ({ index, id: `call-${name}`, function: { name, arguments: args } }))
  call.emit({ choices: [{ index: 0, delta: { tool_calls }, finish_reason: finish }] })
  if (finish) call.emit(new TextEncoder().encode('data: [DONE]\n\n'))
  call.end()
}

function say(call: LiveCall, text: string) {
  call.emit(text)
  call.finish()
}

function toolParts({ messages }: UseConversationReturn): Partial<Extract<UIPart, { toolCallId: string }>>[] {
  return messages.value.at(-1)!.parts.filter(part => 'toolCallId' in part)
}

function answers(call: LiveCall | undefined) {
  return (call!.body.messages as { role: string, tool_call_id: string, content: string }[])
    .filter(({ role }) => role === 'tool').map(message => [message.tool_call_id, message.content])
}

const city = z.object({ city: z.string() })

it('runs the tools that the model calls, and lets it go on in the same message', async () => {
  const weather = vi.fn(async ({ city }: { city: string }) => `${city}: 4 degrees`)
  const { chat, calls } = converse({ tools: {
    weather: { description: 'Tells the weather.', schema: city, execute: weather },
    clock: { execute: () => ({ hour: 9 }) },
  } })
  const run = chat.send('Weather in Oslo, and the time?')
  expect(calls[0]!.body.tools).toMatchObject([{ function: { name: 'weather', description: 'Tells the weather.' } }, { function: { name: 'clock' } }])
  callTools(calls[0]!, { weather: '{"city":"Oslo"}', clock: '' })
  await vi.waitFor(() => expect(calls).toHaveLength(2))
  expect(weather).toHaveBeenCalledExactlyOnceWith({ city: 'Oslo' }, { callId: 'call-weather', signal: expect.any(AbortSignal) })
  expect(answers(calls[1])).toEqual([['call-weather', 'Oslo: 4 degrees'], ['call-clock', '{"hour":9}']])
  expect(chat.status.value).toBe('submitted')
  say(calls[1]!, 'It is cold, and early.')
  expect(await run).toMatchObject({ outcome: 'complete', text: 'It is cold, and early.' })
  expect(chat.messages.value).toHaveLength(2)
  expect(chat.messages.value[1]!.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'tool-weather', toolCallId: 'call-weather', state: 'output-available', input: { city: 'Oslo' }, output: 'Oslo: 4 degrees' },
    { type: 'tool-clock', state: 'output-available', input: {}, output: { hour: 9 } },
    { type: 'step-start' },
    { type: 'text', text: 'It is cold, and early.', state: 'done' },
  ])
})

it('runs them beside one another, and asks the model once all have answered', async () => {
  const first = Promise.withResolvers<string>()
  const second = Promise.withResolvers<string>()
  const { chat, calls } = converse({ tools: { first: { execute: () => first.promise }, second: { execute: () => second.promise } } })
  void chat.send('Go.')
  callTools(calls[0]!, { first: '{}', second: '{}' })
  await flushPromises()
  expect(chat.status.value).toBe('submitted')
  second.resolve('b')
  await flushPromises()
  expect(toolParts(chat)).toMatchObject([{ state: 'input-available' }, { state: 'output-available', output: 'b' }])
  expect(calls).toHaveLength(1)
  first.resolve('a')
  await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-first', 'a'], ['call-second', 'b']]))
})

it('tells the model what went wrong with its calls', async () => {
  const { chat, calls } = converse({ tools: {
    throws: { execute: () => { throw new Error('no network') } },
    picky: { schema: city, execute: () => 'never' },
    broken: { execute: () => 'never' },
  } })
  void chat.send('Go.')
  callTools(calls[0]!, { throws: '{}', picky: '{"city":5}', broken: '{"a' })
  await vi.waitFor(() => expect(calls).toHaveLength(2))
  expect(answers(calls[1])).toEqual([
    ['call-throws', 'Error: no network'],
    ['call-picky', expect.stringMatching(/^Error: Invalid input: city: /)],
    ['call-broken', 'Error: The arguments are not valid JSON.'],
  ])
})

describe('nothing is executed', () => {
  it.each([
    ['is cut off', (call: LiveCall) => callTools(call, { tool: '{}' }, null)],
    ['is too long', (call: LiveCall) => callTools(call, { tool: '{}' }, 'length')],
    ['breaks', (call: LiveCall) => {
      call.emit({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'call-tool', function: { name: 'tool', arguments: '{}' } }] } }] })
      call.emit({ error: { message: 'Overloaded' } })
    }],
  ])('of an answer that %s', async (_, end) => {
    const execute = vi.fn()
    const { chat, calls } = converse({ tools: { tool: { execute } } })
    const run = chat.send('Go.')
    end(calls[0]!)
    expect((await run).outcome).not.toBe('tool-calls')
    await flushPromises()
    expect(execute).not.toHaveBeenCalled()
    expect(await chat.addToolResult('call-tool', 'late')).toBeNull()
    expect(calls).toHaveLength(1)
  })

  it('and nothing is asked after stop, whatever the tools still answer', async () => {
    const answer = Promise.withResolvers<string>()
    let signal!: AbortSignal
    const { chat, calls } = converse({ tools: { slow: { execute: (_, context) => {
      signal = context.signal
      return answer.promise
    } } } })
    const run = chat.send('Go.')
    callTools(calls[0]!, { slow: '{}' })
    await vi.waitFor(() => expect(signal).toBeDefined())
    chat.stop()
    expect(signal.aborted).toBe(true)
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'stopped' } })
    expect(await run).toMatchObject({ outcome: 'stopped' })
    answer.resolve('late')
    await flushPromises()
    expect(calls).toHaveLength(1)
    expect(toolParts(chat)).toMatchObject([{ state: 'input-available' }])
    expect(await chat.addToolResult('call-slow', 'later')).toBeNull()

    void chat.send('Then not.')
    expect(calls[1]!.body.messages).toEqual([{ role: 'user', content: 'Go.' }, { role: 'user', content: 'Then not.' }])
  })
})

it('tells its tools when the component is gone', async () => {
  let signal!: AbortSignal
  const { calls, unmount } = converse({ tools: { slow: { execute: (_, context) => {
    signal = context.signal
    return new Promise(() => {})
  } } } }, 'Go.')
  callTools(calls[0]!, { slow: '{}' })
  await vi.waitFor(() => expect(signal).toBeDefined())
  unmount()
  expect(signal.aborted).toBe(true)
})

describe('a call without `execute`', () => {
  const tools = { ask: { schema: z.object({ question: z.string() }) } }

  it('waits for its result, once the answer has settled', async () => {
    const { chat, calls } = converse({ tools })
    const run = chat.send('Go.')
    callTools(calls[0]!, { ask: '{"question":"Why?"}' })
    expect(await run).toMatchObject({ outcome: 'tool-calls' })
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'tool-calls' } })
    const settled = chat.messages.value[1]!

    const next = chat.addToolResult('call-ask', 'Because.')
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-ask', 'Because.']]))
    expect(chat.messages.value[1]).not.toBe(settled)
    say(calls[1]!, 'I see.')
    expect(await next).toMatchObject({ outcome: 'complete', text: 'I see.' })
    expect(chat.messages.value).toHaveLength(2)
    expect(chat.messages.value[1]!.metadata).toMatchObject({ outcome: 'complete' })
  })

  it('is answered once, by whoever was first', async () => {
    const { chat, calls } = converse({ tools })
    void chat.send('Go.')
    callTools(calls[0]!, { ask: '{"question":"Why?"}' })
    await flushPromises()
    void chat.addToolResult('call-ask', 'Because.')
    expect(await chat.addToolResult('call-ask', 'No, because.')).toBeNull()
    expect(await chat.addToolResult('unknown', 'Hm.')).toBeNull()
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-ask', 'Because.']]))
    expect(calls).toHaveLength(2)
  })

  it('has an id of its own, also where the upstream gives two the same', async () => {
    const { chat, calls } = converse({ tools: { double: { schema: z.object({ n: z.number() }), execute: ({ n }: { n: number }) => 2 * n } } }, 'Go.')
    const call = (index: number) => ({ index, id: 'double', function: { name: 'double', arguments: `{"n":${index + 1}}` } })
    calls[0]!.emit({ choices: [{ index: 0, delta: { tool_calls: [call(0)] } }] }, { choices: [{ index: 0, delta: { tool_calls: [call(1)] } }] })
    calls[0]!.emit({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }, new TextEncoder().encode('data: [DONE]\n\n'))
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['double', '2'], [expect.not.stringMatching(/^double$/), '4']]))
    const { tool_calls } = (calls[1]!.body.messages as { tool_calls: { id: string }[] }[])[1]!
    expect(tool_calls.map(({ id }) => id)).toEqual(answers(calls[1]).map(([id]) => id))
    expect(chat.status.value).toBe('submitted')
  })

  it('is not answered again by a tool that comes later', async () => {
    const slow = Promise.withResolvers<string>()
    const { chat, calls } = converse({ tools: { slow: { execute: () => slow.promise } } })
    void chat.send('Go.')
    callTools(calls[0]!, { slow: '{}' })
    await flushPromises()
    void chat.addToolResult('call-slow', 'by hand')
    slow.resolve('by itself')
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-slow', 'by hand']]))
  })

  it('waits for the others of its step', async () => {
    const { chat, calls } = converse({ tools: { ask: {}, tell: {} } })
    void chat.send('Go.')
    callTools(calls[0]!, { ask: '{}', tell: '{}' })
    await flushPromises()
    expect(await chat.addToolResult('call-ask', 1)).toMatchObject({ outcome: 'tool-calls' })
    expect(calls).toHaveLength(1)
    void chat.addToolResult('call-tell', 2)
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-ask', '1'], ['call-tell', '2']]))
  })

  it('may be answered while the answer is still arriving, which counts once that is whole', async () => {
    const { chat, calls } = converse({ tools })
    void chat.send('Go.')
    const name = (index: number, name: string) => ({ choices: [{ index: 0, delta: { tool_calls: [{ index, id: `call-${name}`, function: { name, arguments: '{}' } }] } }] })
    calls[0]!.emit(name(0, 'ask'), { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })
    await flushPromises()
    expect(toolParts(chat)).toMatchObject([{ state: 'input-available' }])
    void chat.addToolResult('call-ask', 'Soon.')
    void chat.addToolResult('call-ask', 'Never.')
    await flushPromises()
    expect(calls).toHaveLength(1)
    calls[0]!.end()
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-ask', 'Soon.']]))
  })

  it('may be answered by the hook that hears of it, before the answer has settled', async () => {
    const { chat, calls } = converse({ tools, publish: 'frame', onToolCall: ({ id }) => void chat.addToolResult(id, 'At once.') })
    void chat.send('Go.')
    callTools(calls[0]!, { ask: '{"question":"Why?"}', tell: '{"question":"What?"}' })
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-ask', 'At once.'], ['call-tell', 'At once.']]))
    await flushPromises()
    expect(calls).toHaveLength(2) // asked once, though nothing had to be waited for
    say(calls[1]!, 'Thanks.')
    await flushPromises()
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' } })
  })

  it('is named to the hook by the id that answers it, where the upstream gave two calls the same and one none', async () => {
    const { chat, calls } = converse({ tools, onToolCall: ({ id, input }) => void chat.addToolResult(id, input) })
    void chat.send('Go.')
    const call = (index: number, id: string) => ({ index, id, function: { name: 'ask', arguments: `{"question":"${index}"}` } })
    calls[0]!.emit({ choices: [{ index: 0, delta: { tool_calls: [call(0, 'same'), call(1, 'same'), call(2, '')] }, finish_reason: 'tool_calls' }] })
    calls[0]!.end()
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    const answered = answers(calls[1])
    expect(answered.map(([, answer]) => answer)).toEqual(['0', '1', '2'].map(question => JSON.stringify({ question })))
    expect(new Set(answered.map(([id]) => id)).size).toBe(3)
  })

  it('keeps its result for later requests when the conversation has gone on', async () => {
    const { chat, calls } = converse({ tools })
    void chat.send('Go.')
    callTools(calls[0]!, { ask: '{"question":"Why?"}' })
    await flushPromises()
    void chat.send('Never mind.')
    expect(answers(calls[1])).toEqual([])
    say(calls[1]!, 'Fine.')
    await flushPromises()
    expect(await chat.addToolResult('call-ask', 'Because.')).toBeNull()
    expect(calls).toHaveLength(2)
    void chat.send('And now?')
    expect(answers(calls[2])).toEqual([['call-ask', 'Because.']])
  })

  it('waits under a name that is in no list as well', async () => {
    const { chat, calls } = converse()
    void chat.send('Go.')
    callTools(calls[0]!, { constructor: '{}' })
    await flushPromises()
    expect(toolParts(chat)).toMatchObject([{ type: 'dynamic-tool', toolName: 'constructor', state: 'input-available' }])
    void chat.addToolResult('call-constructor', 'built')
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-constructor', 'built']]))
  })
})

describe('a call that wants approval', () => {
  const setup = (more = {}) => {
    const execute = vi.fn(() => 'paid')
    const { chat, calls } = converse({ tools: { pay: { schema: z.object({ euros: z.number() }), execute, approval: true }, ...more } })
    return { chat, calls, execute }
  }

  it('is executed when the user says yes', async () => {
    const { chat, calls, execute } = setup()
    void chat.send('Pay.')
    callTools(calls[0]!, { pay: '{"euros":5}' })
    await vi.waitFor(() => expect(chat.status.value).toBe('ready'))
    expect(toolParts(chat)).toMatchObject([{ state: 'approval-requested', input: { euros: 5 }, approval: { id: 'call-pay' } }])
    expect(await chat.addToolResult('call-pay', 'free')).toBeNull()
    expect(execute).not.toHaveBeenCalled()
    const run = chat.approve('call-pay', true)
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-pay', 'paid']]))
    say(calls[1]!, 'Done.')
    expect(await run).toMatchObject({ outcome: 'complete' })
    expect(toolParts(chat)).toMatchObject([{ state: 'output-available', approval: { approved: true } }])
    expect(await chat.approve('call-pay', true)).toBeNull()
    expect(execute).toHaveBeenCalledOnce()
  })

  it('is answered with that when the user says no', async () => {
    const { chat, calls, execute } = setup()
    void chat.send('Pay.')
    callTools(calls[0]!, { pay: '{"euros":5}' })
    await vi.waitFor(() => expect(chat.status.value).toBe('ready'))
    void chat.approve('call-pay', false)
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-pay', 'The user declined this call.']]))
    expect(execute).not.toHaveBeenCalled()
    expect(toolParts(chat)).toMatchObject([{ state: 'output-denied' }])
  })

  it('joins the step while other tools are still at work', async () => {
    const slow = Promise.withResolvers<string>()
    const { chat, calls } = setup({ slow: { execute: () => slow.promise } })
    void chat.send('Pay.')
    callTools(calls[0]!, { pay: '{"euros":5}', slow: '{}' })
    await vi.waitFor(() => expect(toolParts(chat)).toMatchObject([{ state: 'approval-requested' }, { state: 'input-available' }]))
    void chat.approve('call-pay', true)
    await flushPromises()
    expect(toolParts(chat)).toMatchObject([{ state: 'output-available' }, { state: 'input-available' }])
    expect(calls).toHaveLength(1)
    slow.resolve('at last')
    await vi.waitFor(() => expect(answers(calls[1])).toEqual([['call-pay', 'paid'], ['call-slow', 'at last']]))
  })

  it('is not executed any more when the conversation has gone on', async () => {
    const { chat, calls, execute } = setup()
    void chat.send('Pay.')
    callTools(calls[0]!, { pay: '{"euros":5}' })
    await vi.waitFor(() => expect(chat.status.value).toBe('ready'))
    void chat.send('Never mind.')
    say(calls[1]!, 'Fine.')
    await flushPromises()
    expect(await chat.approve('call-pay', true)).toBeNull()
    expect(execute).not.toHaveBeenCalled()
    expect(await chat.approve('call-pay', false)).toBeNull()
    void chat.send('And now?')
    expect(answers(calls[2])).toEqual([['call-pay', 'The user declined this call.']])
  })

  it('still waits after a reload', async () => {
    const { chat, calls } = setup()
    void chat.send('Pay.')
    callTools(calls[0]!, { pay: '{"euros":5}' })
    await vi.waitFor(() => expect(chat.status.value).toBe('ready'))
    const stored = JSON.parse(JSON.stringify(chat.messages.value)) as typeof chat.messages.value

    const reloaded = setup()
    reloaded.chat.setMessages(stored)
    void reloaded.chat.approve('call-pay', true)
    await vi.waitFor(() => expect(answers(reloaded.calls[0])).toEqual([['call-pay', 'paid']]))
    expect(reloaded.execute).toHaveBeenCalledOnce()
  })
})

it('asks a model that calls for ever as often as `maxSteps` says, and warns', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const { chat, calls } = converse({ maxSteps: 3, tools: { again: { execute: () => 'more' } } })
  const run = chat.send('Go.')
  for (const step of [0, 1, 2]) {
    await vi.waitFor(() => expect(calls).toHaveLength(step + 1))
    callTools(calls[step]!, { again: '{}' })
  }
  expect(await run).toMatchObject({ outcome: 'tool-calls' })
  await flushPromises()
  expect(calls).toHaveLength(3)
  expect(warn).toHaveBeenCalledOnce()
  expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'tool-calls' } })
})

it('lets a tool send, which replaces the answer that called it', async () => {
  const { chat, calls } = converse({ tools: { redirect: { execute: () => void chat.send('Something else.') } } })
  const run = chat.send('Go.')
  callTools(calls[0]!, { redirect: '{}' })
  expect(await run).toMatchObject({ outcome: 'stopped' })
  say(calls[1]!, 'Else.')
  await flushPromises()
  expect(calls).toHaveLength(2)
  expect(chat.messages.value.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
})

it('stores what is known before tools are executed and before the model is asked again', async () => {
  const stored: unknown[][] = []
  const { chat, calls } = converse({ tools: { tool: { execute: () => 'x' } }, persist: messages => stored.push(structuredClone(messages)) })
  void chat.send('Go.')
  callTools(calls[0]!, { tool: '{}' })
  await vi.waitFor(() => expect(calls).toHaveLength(2))
  say(calls[1]!, 'Done.')
  await flushPromises()
  expect(stored.map(messages => messages.length)).toEqual([1, 2, 2, 2])
  expect(stored[1]![1]).toMatchObject({ parts: [{}, { state: 'input-available' }], metadata: { outcome: 'tool-calls' } })
  expect(stored[2]![1]).toMatchObject({ parts: [{}, { output: 'x' }], metadata: { outcome: 'tool-calls' } })
})

describe('a call whose tool was at work when the page was left', () => {
  /** A conversation that is left while a tool is at work, beside one that the user answers; and the messages that it stored. */
  async function leave() {
    let stored: UIMessage[] = []
    const { chat, calls } = converse({
      tools: { slow: { execute: () => new Promise(() => {}) }, ask: {} },
      persist: (messages) => { stored = structuredClone(messages) },
    })
    void chat.send('Go.')
    callTools(calls[0]!, { slow: '{}', ask: '{}' })
    await vi.waitFor(() => expect(stored).toHaveLength(2))
    return stored
  }
  const execute = vi.fn(() => 'done')
  const tools = { slow: { execute }, ask: {} }
  beforeEach(() => execute.mockClear())

  it.each(['initialMessages', 'setMessages'] as const)('is not executed again by itself: the user is asked (%s)', async (way) => {
    const stored = await leave()
    const { chat, calls } = converse({ tools, ...(way === 'initialMessages' && { initialMessages: stored }) })
    if (way === 'setMessages') chat.setMessages(stored)
    await flushPromises()
    expect(toolParts(chat).map(({ state }) => state)).toEqual(['approval-requested', 'input-available'])
    expect([execute.mock.calls.length, calls.length, chat.status.value]).toEqual([0, 0, 'ready'])
  })

  it.each([['executed when they say yes', true, 'done'], ['declined when they say no', false, 'The user declined this call.']])('is %s, and the answer goes on', async (_, yes, said) => {
    const { chat, calls } = converse({ tools, initialMessages: await leave() })
    void chat.approve('call-slow', yes)
    void chat.addToolResult('call-ask', 'blue')
    await vi.waitFor(() => expect(calls).toHaveLength(1))
    expect(answers(calls[0])).toEqual([['call-slow', said], ['call-ask', 'blue']])
    say(calls[0]!, 'Thank you.')
    await flushPromises()
    expect(chat.messages.value).toHaveLength(2)
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' } })
  })

  it('is left alone where the conversation has gone on, and while its tool is still at work', async () => {
    const stored = await leave()
    const gone = converse({ tools, initialMessages: [...stored, { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Never mind.' }] }] })
    expect(gone.chat.messages.value[1]!.parts).toMatchObject([{}, { state: 'input-available' }, { state: 'input-available' }])

    const { chat, calls } = converse({ tools: { slow: { execute: () => new Promise(() => {}) } } }, 'Go.')
    callTools(calls[0]!, { slow: '{}' })
    await vi.waitFor(() => expect(toolParts(chat)).toMatchObject([{ state: 'input-available' }]))
    chat.setMessages(messages => messages.map(message => ({ ...message })))
    expect(toolParts(chat)).toMatchObject([{ state: 'input-available' }])
  })
})

it('adds up the usage of the steps of an answer', async () => {
  const { chat, calls } = converse({ tools: { tool: { execute: () => 'x' } } })
  const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }
  void chat.send('Go.')
  calls[0]!.emit({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'c', function: { name: 'tool', arguments: '{}' } }] }, finish_reason: 'tool_calls' }] }, usage)
  calls[0]!.end()
  await vi.waitFor(() => expect(calls).toHaveLength(2))
  calls[1]!.emit('Done.', usage)
  calls[1]!.finish()
  await flushPromises()
  expect(chat.usage.value).toMatchObject({ totalTokens: 6 })
  expect(chat.messages.value[1]!.metadata?.usage).toMatchObject({ inputTokens: 2, outputTokens: 4 })
})
