import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWordSearch } from '../../../src/runtime/server/relay/word-search'

const WORDS = ['"error"', '"finish_reason"', '"function_call"', '"index"', '"usage"'] as const

/** What is found in a text, and where, by a look at every place. */
function findAll(text: string): [number, string][] {
  return Array.from(text, (_, at) => WORDS.filter(word => text.startsWith(word, at)).map((word): [number, string] => [at, word])).flat()
}

/** The same by the search, and a comparison at each place that it gives. */
function searchAll(text: string, from = 0, to = text.length): [number, string][] {
  const search = createWordSearch(WORDS)
  const bytes = new TextEncoder().encode(text)
  const found: [number, string][] = []
  for (let at = search(bytes, from, to); at >= 0; at = search(bytes, at + 1, to)) {
    found.push(...WORDS.filter(word => text.slice(0, to).startsWith(word, at)).map((word): [number, string] => [at, word]))
  }
  return found
}

it('finds each of its words, wherever it stands', () => {
  const text = '{"index":0,"finish_reason":"error","usage":null,"x":"usage"}'
  expect(searchAll(text)).toEqual(findAll(text))
  expect(findAll(text)).toHaveLength(5)
})

it('looks at nothing before or behind what it is given', () => {
  expect(searchAll('"index""usage"', 1)).toEqual([[7, '"usage"']])
  expect(searchAll('"index""usage"', 0, 13)).toEqual([[0, '"index"']])
  expect(searchAll('"function_call"', 0, 14)).toEqual([])
})

/** Pieces of the words, so that most texts nearly hold one. */
const near = fc.array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS).map(word => word.slice(1)), fc.constantFrom('"', 'e', 'x', '"fin', 'dex"', ' ')), { maxLength: 30 })

it('finds what a look at every place finds', () => {
  fc.assert(fc.property(near, (pieces) => {
    const text = pieces.join('')
    expect(searchAll(text)).toEqual(findAll(text))
  }))
})
