import { describe, expect, it } from 'vitest'
import { findUnknownOptions } from '../../../src/known-options'
import { findNearest } from '../../../src/spelling'

describe('findNearest', () => {
  const known = ['timeouts', 'limits', 'upstreams', 'origins', 'rate']

  it.each([
    ['timeout', 'timeouts'], ['timeoust', 'timeouts'], ['tiemouts', 'timeouts'], ['limts', 'limits'], ['upstream', 'upstreams'],
    ['Origins', 'origins'], ['raet', 'rate'],
  ])('takes %s for %s', (name, meant) => {
    expect(findNearest(name, known)).toBe(meant)
  })

  it.each(['temperature', 'x', ''])('has no idea what %j could mean', (name) => {
    expect(findNearest(name, known)).toBeUndefined()
  })
})

describe('findUnknownOptions', () => {
  it.each([
    [{ timeout: { total: 1 } }, '`llmStream.timeout` is no option. Did you mean `timeouts`?'],
    [{ limits: { rates: 1 } }, '`llmStream.limits.rates` is no option. Did you mean `rate`?'],
    [{ upstreams: { fast: { baseUrl: 'x' } } }, '`llmStream.upstreams.fast.baseUrl` is no option. Did you mean `baseURL`?'],
    [{ upstreams: { fast: { params: { default: {} } } } }, '`llmStream.upstreams.fast.params.default` is no option. Did you mean `defaults`?'],
    [{ upstreams: { fast: { timeouts: { firstbyte: 1 } } } }, '`llmStream.upstreams.fast.timeouts.firstbyte` is no option. Did you mean `firstByte`?'],
    [{ resume: { drivr: 'redis' } }, '`llmStream.resume.drivr` is no option. Did you mean `driver`?'],
    [{ apiKey: 'sk-CANARY' }, '`llmStream.apiKey` is no option. It belongs to `llmStream.upstreams.<name>`.'],
    [{ redis: { host: 'x' } }, '`llmStream.redis.host` is no option. There are `url`.'],
  ])('names the key of %j and what was meant', (options, sentence) => {
    expect(findUnknownOptions(options)).toEqual([sentence])
  })

  it('finds nothing where all is known, and looks into nothing whose keys are free', () => {
    expect(findUnknownOptions({
      route: '/api/llm', public: true, heartbeat: false, resume: true, origins: ['https://a.example'], trustProxy: 1, record: 'x',
      imports: { useStream: 'useLlmStream' }, redis: { url: 'x' }, limits: { rate: 1 }, timeouts: { total: 1 },
      upstreams: { 'my-own': { models: { alias: 'name' }, headers: { 'x-any': 'y' }, params: { defaults: { anything: 1 }, max: { n: 2 }, allow: [] }, paths: { chat: 'x' } } },
    })).toEqual([])
    expect(findUnknownOptions({ imports: false, resume: false })).toEqual([])
  })

  it('finds no option in what every object inherits', () => {
    expect(findUnknownOptions({ constructor: 1 })).toHaveLength(1)
  })
})
