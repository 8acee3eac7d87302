import { expect, it } from 'vitest'
import { findHeartbeatProblem } from '../../../src/runtime/server/utils/heartbeat'

it.each<[relay: number | false, browser: number | false]>([[15_000, 15_000], [20_000, 15_000], [5000, 15_000], [60_000, 60_000], [false, false], [90_000, false]])('is content with a heartbeat of %s where browsers expect %s', (relay, browser) => {
  expect(findHeartbeatProblem(relay, browser)).toBeUndefined()
})

it.each<[relay: number | false, browser: number | false]>([[30_000, 15_000], [false, 15_000], [60_000, 30_000]])('names the variable for a heartbeat of %s where browsers expect %s', (relay, browser) => {
  expect(findHeartbeatProblem(relay, browser)).toContain('NUXT_PUBLIC_LLM_STREAM_HEARTBEAT')
})
