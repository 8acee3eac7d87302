import { z } from 'zod'
import { describe, expect, it, vi } from 'vitest'
import { answer, countSteps, isAnswered, openCalls, replaceCall, respond, runCall } from '../../../../src/runtime/app/conversation/tools'
import type { OpenCall, Tools } from '../../../../src/runtime/app/conversation/tools'
import type { UIMessage, UIPart } from '../../../../src/runtime/app/conversation/ui-message'

const step: UIPart = { type: 'step-start' }
const call = (toolCallId: string, input: unknown = { city: 'Oslo' }, name = 'weather'): OpenCall =>
  ({ type: `tool-${name}`, toolCallId, state: 'input-available', input })
const message = (...parts: UIPart[]): UIMessage => ({ id: 'a', role: 'assistant', parts })
const schema = z.object({ city: z.string() })
const { signal } = new AbortController()

describe('which calls need an answer', () => {
  it('are those of the last step that have none', () => {
    const open = call('b')
    expect(openCalls(message(step, call('a'), step, answer(call('x'), 1), open))).toEqual([open])
  })

  it('are not those that are still streaming, or that the upstream runs itself', () => {
    const hosted = { ...call('a'), providerExecuted: true } as UIPart
    const streaming: UIPart = { type: 'tool-weather', toolCallId: 'b', state: 'input-streaming' }
    expect(openCalls(message(step, hosted, streaming))).toEqual([])
    expect(isAnswered(message(step, hosted))).toBe(false)
    expect(isAnswered(message(step, streaming))).toBe(false)
  })

  it('lets the model go on once all of them are answered', () => {
    expect(isAnswered(message(step, answer(call('a'), 1), call('b')))).toBe(false)
    expect(isAnswered(message(step, answer(call('a'), 1), respond(call('b'), false)))).toBe(true)
    expect(isAnswered(message(step, { type: 'text', text: 'Hi' }))).toBe(false)
  })

  it('counts model calls by where steps began', () => {
    expect(countSteps(message(step, call('a'), step, call('b')))).toBe(2)
  })
})

describe('an answer', () => {
  it('takes the place of its call, of the latest one where ids repeat', () => {
    const parts = [step, call('a'), step, call('a')]
    expect(replaceCall(parts, answer(call('a'), 1)).map(part => 'state' in part && part.state))
      .toEqual([false, 'input-available', false, 'output-available'])
  })

  it('that is no JSON is an error', () => {
    expect(answer(call('a'), 1n)).toMatchObject({ state: 'output-error', errorText: expect.stringContaining('BigInt') })
  })
})

describe('running a call', () => {
  const run = (tools: Tools, open = call('a')) => runCall(open, tools, signal)

  it('executes it with what the schema made of its input', async () => {
    const trimmed = z.object({ city: z.string().trim() })
    const execute = vi.fn(({ city }: { city: string }) => `${city}: 4 degrees`)
    expect(await run({ weather: { schema: trimmed, execute } }, call('a', { city: ' Oslo ' }))).toMatchObject({ state: 'output-available', input: { city: ' Oslo ' }, output: 'Oslo: 4 degrees' })
    expect(execute).toHaveBeenCalledExactlyOnceWith({ city: 'Oslo' }, { callId: 'a', signal })
  })

  it('tells what is wrong with its input instead of executing it or asking for approval', async () => {
    const execute = vi.fn()
    const done = await run({ weather: { schema, execute, approval: true } }, call('a', { city: 5 }))
    expect(done).toMatchObject({ state: 'output-error', errorText: expect.stringMatching(/^Invalid input: city: /) })
    expect(execute).not.toHaveBeenCalled()
  })

  it('makes an answer of what execute throws', async () => {
    expect(await run({ weather: { execute: () => { throw new Error('no network') } } })).toMatchObject({ state: 'output-error', errorText: 'no network' })
    expect(await run({ weather: { execute: () => Promise.reject('gone') } })).toMatchObject({ errorText: 'gone' })
  })

  it('waits where nobody executes it, and for a name that only JavaScript knows', async () => {
    const open = call('a')
    expect(await run({ weather: { schema } }, open)).toBe(open)
    const strange = call('b', {}, 'constructor')
    expect(await run({}, strange)).toBe(strange)
  })

  it('asks for approval first, and executes once it is given', async () => {
    const execute = vi.fn(() => 'done')
    const tools: Tools = { weather: { schema, execute, approval: true } }
    const asked = await run(tools)
    expect(asked).toMatchObject({ state: 'approval-requested', approval: { id: 'a' } })
    expect(await run(tools, asked as OpenCall)).toBe(asked)
    expect(execute).not.toHaveBeenCalled()
    const approved = respond(asked as OpenCall, true)
    expect(await run(tools, approved as OpenCall)).toMatchObject({ state: 'output-available', approval: { id: 'a', approved: true } })
  })

  it('asks only where the tool says so for this input', async () => {
    const tools: Tools = { weather: { execute: () => 1, approval: ({ city }) => city === 'Oslo' } }
    expect(await run(tools)).toMatchObject({ state: 'approval-requested' })
    expect(await run(tools, call('a', { city: 'Bonn' }))).toMatchObject({ state: 'output-available' })
  })
})
