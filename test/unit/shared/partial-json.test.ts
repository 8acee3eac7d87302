import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPartialJson } from '../../../src/runtime/shared/partial-json'

/** What is read after each piece. */
function readAfter(...pieces: string[]): unknown[] {
  const json = createPartialJson()
  return pieces.map((piece) => {
    json.push(piece)
    return json.read()
  })
}

describe('a partial JSON value', () => {
  it('grows with its text', () => {
    expect(readAfter('{"ti', 'tle":"Go', 'od","tags":["a', '"', ',"b"],"n":1', '2,"ok":tr', 'ue}')).toEqual([
      {},
      { title: 'Go' },
      { title: 'Good', tags: ['a'] },
      { title: 'Good', tags: ['a'] },
      { title: 'Good', tags: ['a', 'b'] },
      { title: 'Good', tags: ['a', 'b'], n: 12 },
      { title: 'Good', tags: ['a', 'b'], n: 12, ok: true },
    ])
  })

  it('is undefined before it begins', () => {
    expect(readAfter('', ' \n')).toEqual([undefined, undefined])
  })

  it('keeps closed values the same objects', () => {
    const [first, second, third] = readAfter('[{"a":[1]},{"b":', '2', '},{}]') as [object[], object[], object[]]
    expect(second[0]).toBe(first[0])
    expect(third[0]).toBe(first[0])
    expect(third[1]).toEqual({ b: 2 })
  })

  it('gives the same value while nothing was added', () => {
    const json = createPartialJson()
    json.push('{"a":"x')
    expect(json.read()).toBe(json.read())
  })

  it('never changes a value that it gave', () => {
    const [first] = readAfter('{"a":["x', '"],"b":1', '}')
    expect(first).toEqual({ a: ['x'] })
  })

  it('takes the key __proto__ for a key', () => {
    const [value] = readAfter('{"__proto__":{"polluted":1}}') as [object]
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(value).not.toHaveProperty('polluted')
    expect({}).not.toHaveProperty('polluted')
  })

  it('stays where it was when the text is not JSON', () => {
    expect(readAfter('{"a":1,"b":?', ',"c":2}')).toEqual([{ a: 1 }, { a: 1 }])
    expect(readAfter('Sure! {"a":1}')).toEqual([undefined])
  })

  it('ignores what follows the value', () => {
    expect(readAfter('{"a":1}', ' and more {"b":2}')).toEqual([{ a: 1 }, { a: 1 }])
  })

  it('joins characters that are cut in two', () => {
    expect(readAfter('["\\ud8', '3d\\ude00', ' 🙂'.slice(0, 2), ' 🙂'.slice(2), '"]').at(-1)).toEqual(['😀 🙂'])
  })

  it('comes to what JSON.parse gives, however the text is cut', () => {
    fc.assert(fc.property(fc.json(), fc.integer({ min: 1, max: 9 }), (text, size) => {
      const json = createPartialJson()
      for (let at = 0; at < text.length; at += size) {
        json.push(text.slice(at, at + size))
        json.read()
      }
      json.push(' ') // ends a number that is the whole value
      expect(json.read()).toEqual(JSON.parse(text))
    }))
  })
})
