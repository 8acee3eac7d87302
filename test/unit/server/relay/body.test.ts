import { expect, it, vi } from 'vitest'
import { parseBody, readBody } from '../../../../src/runtime/server/relay/body'
import { testExchange } from './support/exchange'

const bounds = { bodyBytes: 1_000, timeout: 10_000, signal: new AbortController().signal }
const read = async (body: unknown) => parseBody(await readBody(testExchange({ body }), bounds), 4)

it('reads a JSON object and says how long it was', async () => {
  expect(await read('{"a":[1]}')).toEqual({ bytes: 9, value: { a: [1] } })
})

it.each(['', '[]', '"x"', 'null', '{', '{"a":1}}', '{"a":\u0000}'])('refuses %j', async (body) => {
  await expect(read(body)).rejects.toMatchObject({ code: 'invalid_request', status: 400 })
})

it('refuses bytes that are not UTF-8', async () => {
  const bytes = Uint8Array.from([...'{"a":"'].map(c => c.charCodeAt(0)).concat(0xFF, 0x22, 0x7D))
  expect(() => parseBody(bytes, 4)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})

it('refuses nesting beyond the limit, however deep', async () => {
  expect(await read('{"a":[[[1]]]}')).toBeTruthy()
  await expect(read('{"a":[[[[1]]]]}')).rejects.toMatchObject({ code: 'invalid_request' })
  const deep = new TextEncoder().encode(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
  expect(() => parseBody(deep, 4)).toThrow(expect.objectContaining({ code: 'invalid_request' }))
})

it('counts while reading', async () => {
  await expect(read(JSON.stringify({ a: 'x'.repeat(1_000) }))).rejects.toMatchObject({ code: 'body_too_large', status: 413 })
})

it('gives a slow body its time and no more', async () => {
  vi.useFakeTimers()
  const result = readBody(testExchange({ stalls: true }), bounds).catch(error => error)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await result).toMatchObject({ code: 'body_timeout', status: 408 })
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

it('stops reading when the client is gone', async () => {
  const gone = new AbortController()
  const result = readBody(testExchange({ stalls: true }), { ...bounds, signal: gone.signal }).catch(error => error)
  gone.abort('disconnected')
  expect(await result).toBe('disconnected')
})

it('leaves Object.prototype alone', async () => {
  await read('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
