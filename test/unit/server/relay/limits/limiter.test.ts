import { expect, it, vi } from 'vitest'
import { LIMITS } from '../../../../../src/runtime/server/relay/defaults'
import type { Limits } from '../../../../../src/runtime/server/relay/defaults'
import { createInsuredStore } from '../../../../../src/runtime/server/relay/limits/insured-store'
import { createLimiter } from '../../../../../src/runtime/server/relay/limits/limiter'
import { createMemoryStore } from '../../../../../src/runtime/server/relay/limits/memory-store'
import type { LimitStore } from '../../../../../src/runtime/server/relay/limits/store'

const caller = (limits: Partial<Limits> = {}, subject = 'user', bucket = '192.0.2.1') => ({ subject, authorized: true, bucket, limits: { ...LIMITS, ...limits } })
const create = () => {
  const store = createMemoryStore()
  return createLimiter(async () => store)
}

it('refuses by the narrowest limit that is reached, and says how long to wait', async () => {
  const { admit } = create()
  const all = { globalRate: 4, concurrency: false } as const
  await admit(caller({ ...all, rate: 1 }))
  await expect(admit(caller({ ...all, rate: 1 }))).rejects.toMatchObject({ code: 'rate_limited', status: 429, retryable: true, retryAfterMs: expect.toSatisfy((ms: number) => ms >= 1000 && ms <= 60_000) })
  await expect(admit(caller({ ...all, rate: 1 }, 'other'))).resolves.toBeDefined()
  await expect(admit(caller({ ...all, ipRate: 3 }, 'third'))).rejects.toMatchObject({ code: 'rate_limited' })
  await expect(admit(caller(all, 'fourth', '192.0.2.2'))).rejects.toMatchObject({ code: 'rate_limited' })
})

it('counts what it refuses', async () => {
  const { admit } = create()
  await admit(caller({ rate: 1 }))
  await expect(admit(caller({ rate: 1 }))).rejects.toThrow()
  await expect(admit(caller({ rate: 2 }))).rejects.toThrow()
  await expect(admit(caller({ rate: 4 }))).resolves.toBeDefined()
})

it('lets as many runs go on at once as there are slots', async () => {
  const { admit } = create()
  const first = await admit(caller({ concurrency: 1 }))
  await expect(admit(caller({ concurrency: 1 }))).rejects.toMatchObject({ code: 'too_many_runs', retryAfterMs: 1000 })
  first.release(0)
  await expect(admit(caller({ concurrency: 1 }))).resolves.toBeDefined()
})

it('gives the global slot back when the subject has none left', async () => {
  const { admit } = create()
  const limits = { globalConcurrency: 2, concurrency: 1 }
  await admit(caller(limits))
  await expect(admit(caller(limits))).rejects.toMatchObject({ code: 'too_many_runs' })
  await expect(admit(caller(limits, 'other'))).resolves.toBeDefined()
  await expect(admit(caller(limits, 'third'))).rejects.toMatchObject({ code: 'too_many_runs' })
})

it('keeps a budget of tokens', async () => {
  const { admit } = create()
  const first = await admit(caller({ tokens: 100 }))
  await first.reserve(90)
  const second = await admit(caller({ tokens: 100 }))
  await expect(second.reserve(20)).rejects.toMatchObject({ code: 'budget_exceeded', retryable: false, retryAfterMs: 3_600_000 })
  first.release(10)
  await expect(second.reserve(90)).resolves.toBeUndefined()
})

it('counts viewers by address alone', async () => {
  const { admitViewer } = create()
  await admitViewer(caller({ ipRate: 1, rate: 1 }))
  await expect(admitViewer(caller({ ipRate: 1 }))).rejects.toMatchObject({ code: 'rate_limited' })
})

it('counts by itself while the shared store is down, and says why', async () => {
  const down = () => Promise.reject(new Error('down'))
  const broken: LimitStore = { hit: down, acquire: down, reserve: down }
  const failed = vi.fn()
  const store = createInsuredStore(broken, createMemoryStore(), failed)
  const { admit } = createLimiter(async () => store)
  const admission = await admit(caller({ concurrency: 1, tokens: 100 }))
  await admission.reserve(100)
  await expect(admit(caller({ concurrency: 1 }))).rejects.toMatchObject({ code: 'too_many_runs' })
  admission.release(100)
  expect(failed).toHaveBeenCalledWith(new Error('down'))
})
