import { expect, it } from 'vitest'
import { findObstacles, type PlatformFacts } from '../../../src/platform'

const node: PlatformFacts = { preset: 'node-server', isStatic: false, hasUpstreams: true, lambdaStreaming: false, requestSignal: false, routeRules: {}, heartbeat: 15_000, trustProxy: 0, resume: false }
const find = (facts: Partial<PlatformFacts>) => findObstacles('/api/llm', { ...node, ...facts })

it('finds nothing in the way on a Node server', () => {
  expect(find({ routeRules: { '/blog/**': { swr: true }, '/api/llm/**': { headers: {} }, '/api/llmx': { cache: {} } } })).toEqual([])
})

it.each([
  [{ preset: 'github-pages', isStatic: true, resume: 'memory' }, 'nobody answers at /api/llm'],
  [{ preset: 'azure-functions' }, 'buffers responses'],
  [{ preset: 'aws-lambda' }, 'awsLambda.streaming'],
  [{ preset: 'cloudflare-module' }, 'enable_request_signal'],
  [{ preset: 'bun', trustProxy: 1 }, 'heartbeat: 5000'],
  [{ preset: 'bun', trustProxy: 1, heartbeat: false }, 'heartbeat: 5000'],
  [{ preset: 'bun', heartbeat: 5000 }, 'all share one in limits'],
  [{ preset: 'deno_server' }, 'all share one in limits'],
  [{ preset: 'vercel', resume: 'memory' }, 'Keep them in Redis'],
  [{ preset: 'node_cluster', resume: 'memory' }, 'Keep them in Redis'],
  [{ routeRules: { '/api/**': { cache: { maxAge: 60 } } } }, '`cache` on the relay'],
  [{ routeRules: { '/**': { swr: 60 } } }, '`swr` on the relay'],
  [{ routeRules: { '/api/llm/**': { cors: true, proxy: 'x' } } }, '`proxy`, `cors` on the relay'],
  [{ routeRules: { '/api/llm/chat/completions': { isr: true } } }, '`isr` on the relay'],
] satisfies [Partial<PlatformFacts>, string][])('warns of %j', (facts, part) => {
  expect(find(facts)).toEqual([expect.stringContaining(part)])
})

it('is content with files alone where nothing is configured to relay to', () => {
  expect(find({ preset: 'static', isStatic: true, hasUpstreams: false })).toEqual([])
})

it('is content with runs in the memory of one process, or in a Redis for many', () => {
  expect(find({ resume: 'memory' })).toEqual([])
  expect(find({ preset: 'vercel', resume: 'redis' })).toEqual([])
})

it('is content with a heartbeat that Bun waits for, and a proxy that names callers', () => {
  expect(find({ preset: 'bun', heartbeat: 5000, trustProxy: 1 })).toEqual([])
  expect(find({ preset: 'deno-server', trustProxy: 1 })).toEqual([])
})

it('is content with streaming on Lambda and the signal flag on Cloudflare', () => {
  expect(find({ preset: 'aws-lambda', lambdaStreaming: true })).toEqual([])
  expect(find({ preset: 'cloudflare-module', requestSignal: true })).toEqual([])
})
