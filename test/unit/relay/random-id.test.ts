import { expect, it } from 'vitest'
import { randomId } from '../../../src/runtime/server/relay/random-id'

it('gives 128 bits as base64url, others each time', () => {
  const ids = Array.from({ length: 1000 }, randomId)
  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(Buffer.from(id, 'base64url').toString('base64url')).toBe(id)
  expect(ids.every(id => id.length === 22)).toBe(true)
})

it('sets and clears every bit', () => {
  const ids = Array.from({ length: 1000 }, () => Buffer.from(randomId(), 'base64url'))
  for (let byte = 0; byte < 16; byte++) {
    expect(ids.reduce((bits, id) => bits | id[byte]!, 0)).toBe(255)
    expect(ids.reduce((bits, id) => bits & id[byte]!, 255)).toBe(0)
  }
})
