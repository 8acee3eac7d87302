import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openTestStream, settle } from '../../support/stream'

const schemas = {
  zod: z.object({ title: z.string(), steps: z.array(z.object({ text: z.string(), minutes: z.number() })) }),
  valibot: toStandardJsonSchema(v.object({ title: v.string(), steps: v.array(v.object({ text: v.string(), minutes: v.number() })) })),
}
const whole = { title: 'Tea', steps: [{ text: 'Boil', minutes: 3 }, { text: 'Wait', minutes: 5 }] }

describe.each(Object.entries(schemas))('an object of %s', (_, schema) => {
  it('grows while its text arrives, and is validated at the end', async () => {
    const { stream, calls, page, written } = openTestStream({ schema })
    const run = stream.start('Tea?')
    expect(calls[0]!.body.response_format).toMatchObject({ type: 'json_schema', json_schema: { strict: true } })
    await vi.waitFor(() => import('../../../src/runtime/shared/partial-json'))
    calls[0]!.emit('{"title":"Te')
    await settle()
    expect(written.at(-1)?.object).toEqual({ title: 'Te' })
    calls[0]!.emit('a","steps":[{"text":"Boil","minutes":3},{"text":"Wa')
    await settle()
    page.paint()
    const growing = written.at(-1)?.object as typeof whole
    expect(growing).toEqual({ title: 'Tea', steps: [{ text: 'Boil', minutes: 3 }, { text: 'Wa' }] })
    calls[0]!.emit('it","minutes":5')
    await settle()
    page.paint()
    expect((written.at(-1)?.object as typeof whole).steps[0]).toBe(growing.steps[0])
    calls[0]!.emit('}]}')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', object: whole, text: JSON.stringify(whole) })
    expect(written.at(-1)?.object).toEqual(whole)
  })

  it('that is something else fails the run, and keeps the text and what there was of it', async () => {
    const { stream, calls, written } = openTestStream({ schema })
    const run = stream.start('Tea?')
    await vi.waitFor(() => import('../../../src/runtime/shared/partial-json'))
    calls[0]!.emit('{"title":"Tea","steps":[{"text":"Boil","minutes":"three"}]}')
    calls[0]!.finish()
    const { outcome, error, text, object } = await run
    expect({ outcome, object }).toEqual({ outcome: 'failed', object: undefined })
    expect(error).toMatchObject({ code: 'invalid_object', retryable: false, message: expect.stringContaining('steps.0.minutes') as string })
    expect(text).toContain('three')
    expect(written.at(-1)).toMatchObject({ phase: 'failed', object: { title: 'Tea' } })
  })
})

it('parses 40 000 characters in deltas of 12 once, be they arguments or an object', async () => {
  const notes = Array.from({ length: 1100 }, (_, index) => ({ note: 'written down', number: 10_000 + index }))
  const text = JSON.stringify({ notes })
  const deltas = text.match(/.{1,12}/g)!
  expect(text.length).toBeGreaterThan(40_000)
  const object = openTestStream({ schema: z.object({ notes: z.array(z.object({ note: z.string(), number: z.number() })) }) })
  const tool = openTestStream()
  const runs = [object, tool].map(({ stream }) => stream.start('Notes?'))
  const toolCall = (call: object) => ({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...call }] } }] })
  const parse = vi.spyOn(JSON, 'parse')
  tool.calls[0]!.emit(toolCall({ id: 'call_1', function: { name: 'save', arguments: '' } }))
  for (const delta of deltas) {
    object.calls[0]!.emit(delta)
    tool.calls[0]!.emit(toolCall({ function: { arguments: delta } }))
    await Promise.resolve()
  }
  object.calls[0]!.finish()
  tool.calls[0]!.finish()
  const [asObject, asArguments] = await Promise.all(runs)
  const parsed = parse.mock.calls.filter(([json]) => json.length > 1000)
  parse.mockRestore()
  expect(asObject!.object).toEqual({ notes })
  expect(asArguments!.toolCalls).toMatchObject([{ state: 'ready', input: { notes } }])
  // Beside the frames, which are short: each whole once, at its end.
  expect(parsed.map(([json]) => json)).toEqual([text, text])
})

it('gives what the schema makes of the text', async () => {
  const { stream, calls } = openTestStream({ schema: z.object({ at: z.string().transform(text => text.length) }) })
  const run = stream.start('When?')
  calls[0]!.emit('{"at":"noon"}')
  calls[0]!.finish()
  expect((await run).object).toEqual({ at: 4 })
})

it('fails when the text is not JSON, or the schema throws', async () => {
  for (const [schema, text, why] of [
    [schemas.zod, 'Here is your tea.', 'not JSON'],
    [z.object({}).refine(() => { throw new Error('no database') }), '{}', 'no database'],
  ] as const) {
    const { stream, calls } = openTestStream({ schema })
    const run = stream.start('Tea?')
    calls[0]!.emit(text)
    calls[0]!.finish()
    expect((await run).error).toMatchObject({ code: 'invalid_object', message: expect.stringContaining(why) as string })
  }
})

it('leaves an answer that was cut short as it is: the outcome says why', async () => {
  const { stream, calls } = openTestStream({ schema: schemas.zod })
  const run = stream.start('Tea?')
  calls[0]!.emit('{"title":"Te', { choices: [{ index: 0, delta: {}, finish_reason: 'length' }] })
  calls[0]!.end()
  expect(await run).toMatchObject({ outcome: 'length', error: null })
})

it('can be stopped while the answer is validated', async () => {
  const schema = z.object({}).refine(() => new Promise<boolean>(() => {}))
  const { stream, calls, written } = openTestStream({ schema })
  const run = stream.start('Tea?')
  calls[0]!.emit('{}')
  calls[0]!.finish()
  await settle()
  expect(written.at(-1)?.phase).toBe('streaming')
  stream.stop()
  expect(await run).toMatchObject({ outcome: 'stopped' })
})

it('refuses a schema that cannot give its JSON Schema, and sends nothing', async () => {
  const { stream, calls } = openTestStream({ schema: v.object({ a: v.string() }) })
  expect((await stream.start('Hi')).error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining('JSON Schema') as string })
  expect(calls).toHaveLength(0)
})
