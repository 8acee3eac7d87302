import { describe, expect, it } from 'vitest'
import type { StreamEvent } from '../../../src/runtime/shared/events'
import { toResult } from '../../../src/runtime/shared/result'
import { initialState, reduceStream } from '../../../src/runtime/shared/state'
import type { StreamState } from '../../../src/runtime/shared/state'

const text = (part: number, ...deltas: string[]): StreamEvent[] => [
  { type: 'text-start', part },
  ...deltas.map(delta => ({ type: 'text-delta' as const, part, delta })),
]

/** Reduces with every state frozen, so that a change to one would throw. */
function reduce(events: StreamEvent[], state: StreamState = initialState()): StreamState {
  return events.reduce((state, event) => reduceStream(deepFreeze(state), event), state)
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  Object.values(value).forEach(deepFreeze)
  return value
}

const partsOf = (state: StreamState) => state.choices[0].parts

describe('reduceStream', () => {
  it('changes no state that it was given', () => {
    const state = reduce([
      ...text(0, 'a', 'b'), { type: 'text-end', part: 0 }, ...text(1, 'c'),
      { type: 'tool-call-start', part: 2, id: 'x', name: 'f' }, { type: 'tool-call-delta', part: 2, delta: '{}' }, { type: 'tool-call-end', part: 2 },
      { type: 'text-end', part: 1 }, { type: 'end', outcome: 'complete' },
    ])
    expect(toResult(state)).toMatchObject({ text: 'abc', toolCalls: [{ input: {} }], outcome: 'complete' })
  })

  it('goes two ways from one state', () => {
    const before = reduceStream(initialState(), { type: 'text-start', part: 0 })
    const closed = [...text(0, 'a'), { type: 'text-end' as const, part: 0 }].reduce(reduceStream, initialState())
    const left = [...text(1, 'left'), { type: 'text-end' as const, part: 1 }].reduce(reduceStream, closed)
    const right = [...text(1, 'right'), { type: 'text-end' as const, part: 1 }].reduce(reduceStream, closed)
    expect([before, closed, left, right].map(state => toResult(state).text)).toEqual(['', 'a', 'aleft', 'aright'])
  })

  it('keeps a closed part the same object for ever', () => {
    const closed = reduce([...text(0, 'a'), { type: 'text-end', part: 0 }])
    const later = reduce([...text(1, 'b', 'c'), { type: 'text-end', part: 1 }], closed)
    expect(partsOf(later)[0]).toBe(partsOf(closed)[0])
  })

  it('keeps a part that is closed while an older one is open', () => {
    const state = reduce([...text(0, 'a'), { type: 'source', part: 1, id: 's', url: 'https://x.example' }, { type: 'text-delta', part: 0, delta: 'b' }])
    const later = reduce([{ type: 'text-end', part: 0 }], state)
    expect(partsOf(later)).toEqual([{ type: 'text', text: 'ab', state: 'done' }, { type: 'source-url', sourceId: 's', url: 'https://x.example' }])
    expect(partsOf(later)[1]).toBe(partsOf(state)[1])
  })

  it('gives the same list of calls while none changes', () => {
    const state = reduce([{ type: 'tool-call-start', part: 0, id: 'x', name: 'f' }, { type: 'tool-call-end', part: 0 }, ...text(1, 'a')])
    const later = reduce([{ type: 'text-delta', part: 1, delta: 'b' }], state)
    expect(toResult(later).toolCalls).toBe(toResult(state).toolCalls)
  })

  it('parses arguments when their call is closed, not before', () => {
    const open = reduce([{ type: 'tool-call-start', part: 0, id: 'x', name: 'f' }, { type: 'tool-call-delta', part: 0, delta: '{"a":1}' }])
    expect(toResult(open).toolCalls).toEqual([{ type: 'tool-call', id: 'x', name: 'f', arguments: '{"a":1}', state: 'streaming' }])
    expect(toResult(reduce([{ type: 'tool-call-end', part: 0 }], open)).toolCalls).toMatchObject([{ input: { a: 1 }, state: 'ready' }])
  })

  it('says of arguments that are not JSON that they are invalid, and keeps them', () => {
    const state = reduce([{ type: 'tool-call-start', part: 0, id: 'x', name: 'f' }, { type: 'tool-call-delta', part: 0, delta: '{"a"' }, { type: 'tool-call-end', part: 0 }])
    expect(toResult(state).toolCalls).toEqual([{ type: 'tool-call', id: 'x', name: 'f', arguments: '{"a"', state: 'invalid' }])
  })

  it('closes text when the run ends, and leaves an open call open', () => {
    const state = reduce([...text(0, 'a'), { type: 'tool-call-start', part: 1, id: 'x', name: 'f' }, { type: 'end', outcome: 'truncated' }])
    expect(partsOf(state)).toMatchObject([{ state: 'done' }, { state: 'streaming' }])
  })

  it('takes the whole text where a closing event brings one', () => {
    expect(partsOf(reduce([...text(0, 'b'), { type: 'text-end', part: 0, text: 'ab' }]))).toEqual([{ type: 'text', text: 'ab', state: 'done' }])
  })

  it.each<[string, StreamEvent]>([
    ['a delta to a part that was never opened', { type: 'text-delta', part: 7, delta: 'x' }],
    ['a delta to a closed part', { type: 'text-delta', part: 0, delta: 'x' }],
    ['a delta of another kind', { type: 'reasoning-delta', part: 1, delta: 'x' }],
    ['the end of a closed part', { type: 'text-end', part: 0 }],
    ['a start that skips a number', { type: 'text-start', part: 5 }],
    ['a start of a known part', { type: 'text-start', part: 1 }],
    ['arguments for a text', { type: 'tool-call-delta', part: 1, delta: 'x' }],
    ['a raw message', { type: 'raw', raw: {} }],
  ])('is not changed by %s', (_, event) => {
    const state = reduce([...text(0, 'a'), { type: 'text-end', part: 0 }, ...text(1, 'b')])
    expect(toResult(reduce([event], state))).toEqual(toResult(state))
  })

  it('is not changed by anything after the end', () => {
    const state = reduce([...text(0, 'a'), { type: 'end', outcome: 'complete' }])
    expect(reduce([{ type: 'text-delta', part: 0, delta: 'late' }, { type: 'end', outcome: 'failed' }], state)).toBe(state)
  })

  it('lists choices by their index, whatever their order of arrival', () => {
    const state = reduce([
      { type: 'text-start', part: 0, choice: 2 }, { type: 'text-delta', part: 0, delta: 'c', choice: 2 },
      { type: 'text-start', part: 0, choice: 1 }, { type: 'text-delta', part: 0, delta: 'b', choice: 1 },
      ...text(0, 'a'), { type: 'finish', reason: 'stop', choice: 1 },
    ])
    expect(toResult(state).choices).toMatchObject([
      { index: 0, text: 'a', finishReason: null }, { index: 1, text: 'b', finishReason: 'stop' }, { index: 2, text: 'c' },
    ])
    expect(toResult(state)).toMatchObject({ text: 'a', finishReason: null })
  })
})
