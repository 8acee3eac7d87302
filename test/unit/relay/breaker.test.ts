import { expect, it } from 'vitest'
import { createBreakers } from '../../../src/runtime/server/relay/breaker'
import { createFakeClock } from '../../support/fake-clock'

function broken() {
  const clock = createFakeClock()
  const breakers = createBreakers(clock)
  for (let call = 0; call < 5; call++) breakers.tell('a', 'bad')
  return { clock, breakers }
}

it('closes an upstream off after five failures in a row, and no other', () => {
  const { breakers } = broken()
  expect(breakers.refuseMs('a')).toBe(30_000)
  expect(breakers.refuseMs('b')).toBe(0)
})

it('counts failures in a row only, and nothing that tells of no health', () => {
  const breakers = createBreakers(createFakeClock())
  for (let round = 0; round < 5; round++) {
    for (let call = 0; call < 4; call++) {
      breakers.tell('a', 'bad')
      breakers.tell('a', 'unknown')
    }
    expect(breakers.refuseMs('a')).toBe(0)
    breakers.tell('a', 'good')
  }
})

it('lets one call at a time try after half a minute, which decides', () => {
  const { clock, breakers } = broken()
  clock.pass(29_999)
  expect(breakers.refuseMs('a')).toBe(1)
  clock.pass(1)
  expect(breakers.refuseMs('a')).toBe(0)
  expect(breakers.refuseMs('a')).toBeGreaterThan(0)

  breakers.tell('a', 'bad')
  expect(breakers.refuseMs('a')).toBe(30_000)
  clock.pass(30_000)
  expect(breakers.refuseMs('a')).toBe(0)
  breakers.tell('a', 'unknown')
  expect(breakers.refuseMs('a')).toBe(0)
  breakers.tell('a', 'good')
  expect(breakers.refuseMs('a')).toBe(0)
  expect(breakers.refuseMs('a')).toBe(0)
})
