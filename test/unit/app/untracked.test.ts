import { expect, it } from 'vitest'
import { effectScope, getCurrentScope, ref, watch, watchEffect } from 'vue'
import { untracked } from '../../../src/runtime/app/composables/untracked'

it('keeps what is read on the way from the effect that calls, and gives back what is returned', () => {
  const [own, read] = [ref(1), ref(1)]
  const seen: number[] = []
  const { add } = untracked({ add: (number: number) => read.value + number })
  const stop = watchEffect(() => seen.push(add(own.value)), { flush: 'sync' })
  read.value = 10
  own.value = 2
  stop()
  expect(seen).toEqual([2, 12])
})

it('leaves nothing behind in the scope that it is called in', () => {
  const scope = effectScope() as ReturnType<typeof effectScope> & { effects: unknown[] } // Vue's own list
  const { call } = untracked({ call: () => getCurrentScope() })
  for (let time = 0; time < 3; time++) expect(scope.run(call)).toBe(scope)
  expect(scope.effects).toEqual([])
})

it('lets a scope keep what is made on the way, until it ends', () => {
  const source = ref(0)
  const seen: number[] = []
  const scope = effectScope()
  scope.run(untracked({ follow: () => watch(source, value => seen.push(value), { flush: 'sync' }) }).follow)
  source.value = 1
  scope.stop()
  source.value = 2
  expect(seen).toEqual([1])
})
