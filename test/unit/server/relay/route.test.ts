import { expect, it } from 'vitest'
import { resolveRelayOptions } from '../../../../src/runtime/server/relay/options'
import { findRoute } from '../../../../src/runtime/server/relay/route'

const upstreams = {
  default: { provider: 'openai', models: ['gpt-5-mini'] },
  claude: { provider: 'anthropic', models: ['claude'] },
} as const
const options = resolveRelayOptions({ upstreams })
const find = (url: string) => findRoute(url, options)

it.each([
  ['/api/llm/chat/completions', 'default', 'chat'],
  ['/api/llm/responses', 'default', 'responses'],
  ['/api/llm/v1/chat/completions', 'default', 'chat'],
  ['/api/llm/default/responses', 'default', 'responses'],
  ['/api/llm/claude/messages', 'claude', 'messages'],
  ['/api/llm/claude/v1/messages', 'claude', 'messages'],
  ['/api/llm/chat/completions?x=../&y=http://e/', 'default', 'chat'],
])('finds %s', (url, upstream, protocol) => {
  expect(find(url)).toMatchObject({ kind: 'run', methods: ['POST'], upstream: { name: upstream }, protocol })
})

it.each([
  '', '/', '/api/llm', '/api/llm/', '/api/llm/chat', '/api/llm/chat/completions/', '/api/llm//chat/completions', '//api/llm/chat/completions',
  '/api/llm/chat//completions', '/api/llm/./chat/completions', '/api/llm/../llm/chat/completions', '/api/llm/chat/../chat/completions',
  '/api/llm/%2e%2e/chat/completions', '/api/llm/..%2fchat/completions', '/api/llm/..%5cchat', '/api/llm/chat%2fcompletions', '/api/llm/chat/completions%00',
  '/api/llm/chat/completions%20', '/api/llm/chat\\completions', '/api/llm/chat/completions;x', '/api/llm;/chat/completions', '/api/llm/chat/completions#x',
  '/API/llm/chat/completions', '/api/llm/Chat/completions', '/api/llm/chat/COMPLETIONS', 'http://e.example/api/llm/chat/completions',
  'http://app.example/api/llm/chat/completions', '/api/llm//e.example/chat/completions', '/api/llm/http://e.example/chat/completions', '/api/llmchat/completions',
  '/api/llm/v1/v1/messages', '/api/llm/v1/claude/messages', '/api/llm/v2/chat/completions', '/api/llm/models', '/api/llm/files/1', '/api/llm/chat/completions/x',
  '/api/llm/nobody/chat/completions', '/api/llm/constructor/chat/completions', '/api/llm/__proto__/chat/completions', '/api/llm/toString/responses',
])('finds nothing at %j', (url) => {
  expect(find(url)).toBeUndefined()
})

it('offers only the protocols that the upstream speaks', () => {
  expect(find('/api/llm/claude/chat/completions')).toBeUndefined()
  expect(find('/api/llm/messages')).toBeUndefined()
})

it('knows runs by their id, only while they can be resumed', () => {
  const id = 'AAAAAAAAAAAAAAAAAAAAA_'
  expect(find(`/api/llm/streams/${id}`)).toBeUndefined()
  const resumable = resolveRelayOptions({ upstreams, resume: true })
  expect(findRoute(`/api/llm/streams/${id}?x`, resumable)).toEqual({ kind: 'stream', methods: ['GET', 'DELETE'], id })
  expect(findRoute('/api/llm/streams/short', resumable)).toMatchObject({ kind: 'stream', id: undefined })
  expect(findRoute(`/api/llm/streams/${id}/x`, resumable)).toBeUndefined()
  expect(findRoute('/api/llm/streams', resumable)).toBeUndefined()
})

it('can be mounted at the root', () => {
  const root = resolveRelayOptions({ upstreams, route: '/' })
  expect(findRoute('/chat/completions', root)).toMatchObject({ protocol: 'chat' })
  expect(findRoute('chat/completions', root)).toBeUndefined()
})
