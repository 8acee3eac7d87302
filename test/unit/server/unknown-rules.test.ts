import { expect, it } from 'vitest'
import { findUnknownRules } from '../../../src/runtime/server/utils/unknown-rules'

it('names rules that nobody would call, and those that there are', () => {
  expect(findUnknownRules({ authorise: () => null, prepare: () => ({}) })).toMatch(/`authorise`, which is never called.*`authorize`/)
})

it('is content with any of the rules, and with none', () => {
  expect(findUnknownRules({})).toBeUndefined()
  expect(findUnknownRules({ authorize: () => null, prepare: () => ({}), redis: undefined, log: undefined, tracer: undefined, onFinish() {}, onError() {} })).toBeUndefined()
})
