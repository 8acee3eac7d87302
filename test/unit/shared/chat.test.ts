import { expect, it } from 'vitest'
import { collectStream } from '../../../src/runtime/shared/index'

const body = (text: string) => new Response(text).body!
const collect = (...data: (object | string)[]) => collectStream(
  body(data.map(item => `data: ${typeof item === 'string' ? item : JSON.stringify(item)}\n\n`).join('')),
  { protocol: 'chat' },
)
const delta = (delta: object, finish_reason: string | null = null) => ({ id: 'c1', model: 'm', choices: [{ index: 0, delta, finish_reason }] })

it('joins the deltas of a text', async () => {
  const result = await collect(delta({ role: 'assistant', content: '' }), delta({ content: 'Good ' }), delta({ content: 'day' }), delta({}, 'stop'), '[DONE]')
  expect(result).toMatchObject({ text: 'Good day', outcome: 'complete', finishReason: 'stop', responseId: 'c1', model: 'm', error: null })
  expect(result.choices[0]!.parts).toEqual([{ type: 'text', text: 'Good day', state: 'done' }])
})

it('keeps the text of an answer that broke off', async () => {
  const result = await collect(delta({ content: 'Good ' }))
  expect(result).toMatchObject({ text: 'Good ', outcome: 'truncated', error: { code: 'upstream_truncated', retryable: true } })
})

it('parses the arguments of a call once it is closed', async () => {
  const result = await collect(
    delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] }),
    delta({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
    delta({}, 'tool_calls'),
  )
  expect(result.outcome).toBe('tool-calls')
  expect(result.toolCalls).toEqual([{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"x":1}', input: { x: 1 }, state: 'ready' }])
})
