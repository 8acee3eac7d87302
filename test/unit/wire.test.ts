import { expect, it } from 'vitest'
import { CURSOR, RUN_ID } from '../../src/runtime/shared/wire'

it('takes decimal cursors without leading zeros, and nothing else', () => {
  expect(['0', '1', '42', '999999999999999'].every(cursor => CURSOR.test(cursor))).toBe(true)
  expect(['', '-1', '01', '1.5', '5-0', 'abc', '9007199254740992', '1\n'].some(cursor => CURSOR.test(cursor))).toBe(false)
})

it('takes run ids of 22 base64url characters, and nothing else', () => {
  expect(RUN_ID.test('AAAAAAAAAAAAAAAAAAAAA_')).toBe(true)
  expect(['short', 'AAAAAAAAAAAAAAAAAAAAA/', 'AAAAAAAAAAAAAAAAAAAAAAA'].some(id => RUN_ID.test(id))).toBe(false)
})
