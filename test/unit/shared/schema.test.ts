import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import { toJsonSchema, validateWith } from '../../../src/runtime/shared/schema'

describe('the JSON Schema of a schema', () => {
  it('comes from the library, as what goes in, without the keyword $schema', () => {
    const length = z.object({ word: z.string().transform(word => word.length) })
    expect(toJsonSchema(length)).toEqual({ type: 'object', properties: { word: { type: 'string' } }, required: ['word'] })
    expect(toJsonSchema(toStandardJsonSchema(v.object({ word: v.string() })))).toMatchObject({ type: 'object', required: ['word'] })
  })

  it('is a plain JSON Schema itself', () => {
    const schema = { type: 'string' }
    expect(toJsonSchema(schema)).toBe(schema)
  })

  it('is asked for with the remedy where the library has none', () => {
    expect(() => toJsonSchema(v.object({ word: v.string() }))).toThrow(/valibot.*JSON Schema/)
  })
})

describe('validation', () => {
  it('gives what the library makes of the value', async () => {
    expect(await validateWith(z.object({ n: z.coerce.number() }), { n: '4' })).toEqual({ value: { n: 4 } })
  })

  it('names the place of each issue', async () => {
    expect(await validateWith(v.object({ a: v.array(v.string()) }), { a: ['x', 1] })).toEqual({ issues: expect.stringMatching(/^a\.1: /) })
    expect(await validateWith(z.string(), 1)).toEqual({ issues: expect.not.stringMatching(/^: /) })
  })

  it('lets everything through where there is none to do', async () => {
    expect(await validateWith({ type: 'string' }, 5)).toEqual({ value: 5 })
    expect(await validateWith(undefined, 5)).toEqual({ value: 5 })
  })
})
