import { describe, expect, it } from 'vitest'
import { StreamError } from '../../../../src/runtime/shared/errors'
import type { StreamPart } from '../../../../src/runtime/shared/parts'
import type { StreamResult } from '../../../../src/runtime/shared/result'
import { editText, keepCount, replaceMessage, resumePoint } from '../../../../src/runtime/app/conversation/list'
import { addResult, closeParts, convertParts, lastStep, NO_PARTS } from '../../../../src/runtime/app/conversation/messages'
import type { UIMessage, UIPart } from '../../../../src/runtime/app/conversation/ui-message'

const conversion = { isKnown: (name: string) => name === 'weather', idPrefix: 'm1-' }
const convert = (...parts: StreamPart[]) => convertParts(parts, NO_PARTS, conversion).parts

describe('converting parts of an answer', () => {
  it('passes parts on that are a message\'s parts already', () => {
    const text: StreamPart = { type: 'text', text: 'Hi', state: 'done' }
    expect(convert(text)[0]).toBe(text)
  })

  it('keeps the converted object of a part that did not change', () => {
    const call: StreamPart = { type: 'tool-call', id: 'c', name: 'weather', arguments: '{}', input: {}, state: 'ready' }
    const first = convertParts([call], NO_PARTS, conversion)
    const second = convertParts([call, { type: 'text', text: 'H', state: 'streaming' }], first, conversion)
    expect(second.parts[0]).toBe(first.parts[0])
    expect(second.parts).toHaveLength(2)
  })

  it('shows a call from its first character to its whole input', () => {
    const call = { type: 'tool-call', id: 'c', name: 'weather' } as const
    const moments: StreamPart[] = [
      { ...call, arguments: '{"city', state: 'streaming' },
      { ...call, arguments: '{"city":"Oslo"}', input: { city: 'Oslo' }, state: 'ready' },
      { ...call, name: 'other', arguments: '{}', input: {}, state: 'ready' },
    ]
    expect(moments.map(moment => convert(moment)[0])).toEqual([
      { type: 'tool-weather', toolCallId: 'c', state: 'input-streaming', rawInput: '{"city' },
      { type: 'tool-weather', toolCallId: 'c', state: 'input-available', input: { city: 'Oslo' } },
      { type: 'dynamic-tool', toolName: 'other', toolCallId: 'c', state: 'input-available', input: {} },
    ])
  })

  it('answers a call whose arguments are no JSON with that', () => {
    expect(convert({ type: 'tool-call', id: 'c', name: 'weather', arguments: '{"ci', state: 'invalid' })[0])
      .toMatchObject({ state: 'output-error', rawInput: '{"ci', errorText: expect.stringContaining('JSON') })
  })

  it('names a call that the upstream gave no id', () => {
    expect(convert({ type: 'text', text: '', state: 'done' }, { type: 'tool-call', id: '', name: 'weather', arguments: '', state: 'streaming' })[1])
      .toMatchObject({ toolCallId: 'm1-1' })
  })

  it('marks refusals, custom calls, and what the upstream ran itself', () => {
    expect(convert(
      { type: 'refusal', text: 'No.', state: 'done' },
      { type: 'tool-call', id: 'q', name: 'sql', kind: 'custom', arguments: 'select 1', state: 'ready' },
      { type: 'server-tool', id: 's', name: 'web_search', state: 'complete', input: 1, output: 2 },
    )).toEqual([
      { type: 'text', text: 'No.', state: 'done', providerMetadata: { llmStream: { refusal: true } } },
      { type: 'dynamic-tool', toolName: 'sql', toolCallId: 'q', state: 'input-available', input: 'select 1', callProviderMetadata: { llmStream: { custom: true } } },
      { type: 'dynamic-tool', toolName: 'web_search', toolCallId: 's', providerExecuted: true, state: 'output-available', input: 1, output: 2 },
    ])
  })
})

describe('settling', () => {
  it('closes running text and leaves the rest as it is', () => {
    const done: UIPart = { type: 'text', text: 'a', state: 'done' }
    const call: UIPart = { type: 'tool-weather', toolCallId: 'c', state: 'input-streaming' }
    const closed = closeParts([done, { type: 'reasoning', text: 'b', state: 'streaming' }, call])
    expect(closed[0]).toBe(done)
    expect(closed[1]).toMatchObject({ state: 'done' })
    expect(closed[2]).toBe(call)
  })

  it('adds the usage of the steps and keeps the failure as plain data', () => {
    const result = { outcome: 'tool-calls', model: 'm', finishReason: 'tool_calls', responseId: 'r1', error: null } as StreamResult
    const usage = { inputTokens: 1, outputTokens: 2, totalTokens: 3, raw: {} }
    const first = addResult(undefined, { ...result, usage })
    expect(first).toMatchObject({ outcome: 'tool-calls', usage: { totalTokens: 3 }, responseId: 'r1' })
    const error = new StreamError({ code: 'network_error', message: 'Gone.' })
    const second = addResult(first, { ...result, outcome: 'failed', usage: { ...usage, reasoningTokens: 5 }, error })
    expect(second).toMatchObject({ usage: { totalTokens: 6, reasoningTokens: 5 }, error: { code: 'network_error' } })
    expect(structuredClone(second)).toEqual(second)
  })

  it('remembers the run of a message that was left', () => {
    const result = { outcome: null, model: null, finishReason: null, responseId: null, usage: null, error: null } as StreamResult
    expect(addResult(undefined, result, 'run')).toMatchObject({ outcome: null, runId: 'run' })
    expect(addResult(undefined, { ...result, outcome: 'complete' }, 'run')).not.toHaveProperty('runId')
  })
})

describe('cutting and editing', () => {
  const messages: UIMessage[] = [
    { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'a' }] },
    { id: 'a1', role: 'assistant', parts: [] },
    { id: 'u2', role: 'user', parts: [] },
  ]

  it('keeps what leads to an answer', () => {
    expect(keepCount(messages, 'a1')).toBe(1)
    expect(keepCount(messages, 'u1')).toBe(1)
    expect(keepCount(messages)).toBe(3)
    expect(keepCount(messages.slice(0, 2))).toBe(1)
    expect(keepCount(messages, 'gone')).toBe(0)
    expect(keepCount([])).toBe(0)
  })

  it('replaces the words and keeps the files', () => {
    const file: UIPart = { type: 'file', mediaType: 'image/png', url: 'data:,' }
    const edited = editText({ id: 'u', role: 'user', parts: [{ type: 'text', text: 'a' }, file, { type: 'text', text: 'b' }] } as UIMessage, 'c')
    expect(edited.parts).toEqual([file, { type: 'text', text: 'c' }])
  })

  it('replaces a message, and leaves a list alone that does not have it', () => {
    const other: UIMessage = { id: 'a1', role: 'assistant', parts: [{ type: 'text', text: 'b' }] }
    expect(replaceMessage(messages, other)).toEqual([messages[0], other, messages[2]])
    expect(replaceMessage(messages, { ...other, id: 'gone' })).toBe(messages)
  })

  it('finds where a run goes on that was left', () => {
    const none = { usage: null, model: null, finishReason: null, responseId: null }
    const said: UIPart[] = [{ type: 'step-start' }, { type: 'text', text: 'a' }]
    const left: UIMessage = { id: 'a', role: 'assistant', parts: [...said, { type: 'step-start' }, { type: 'text', text: 'b' }], metadata: { ...none, outcome: null, runId: 'r' } }
    expect(resumePoint([left])).toEqual({ message: left, base: said, runId: 'r' })
    expect(resumePoint([left], 'other')).toBeUndefined()
    const called: UIMessage = { id: 'a', role: 'assistant', parts: [{ type: 'step-start' }, { type: 'tool-x', toolCallId: 'c', state: 'output-available', input: 1, output: 2 }], metadata: { ...none, outcome: 'tool-calls' } }
    expect(resumePoint([called], 'r')).toMatchObject({ base: called.parts })
    expect(resumePoint(messages)).toBeUndefined()
    expect(resumePoint([])).toBeUndefined()
  })

  it('finds the parts of the last step', () => {
    expect(lastStep([{ type: 'step-start' }, { type: 'text', text: 'a' }, { type: 'step-start' }, { type: 'text', text: 'b' }])).toEqual([{ type: 'text', text: 'b' }])
  })
})
