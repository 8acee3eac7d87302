import type { TreeOf } from '../../src/known-options'

interface Options { one?: number, two: { three?: boolean } }

export const whole: TreeOf<Options> = { one: true, two: true }
export const nested: TreeOf<Options, { two: { three: true } }> = { one: true, two: { three: true } }

// @ts-expect-error -- an option that the list does not have
export const missing: TreeOf<Options> = { one: true }
// @ts-expect-error -- a key that is no option
export const unknown: TreeOf<Options> = { one: true, two: true, four: true }
// @ts-expect-error -- a nested option that the list does not have
export const shallow: TreeOf<Options, { two: { three: true } }> = { one: true, two: {} }
