import { describe, it } from 'vitest'
import { describeLog } from '../../src/runtime/testing'
import { createListLog } from '../fixtures/own-log/list-log.mjs'

// By node:test as well, from the packed package: test/e2e/packed.test.ts.
describe('a log driver of an app\'s own', () => {
  describeLog({ describe, it }, async () => ({ log: createListLog() }))
})
