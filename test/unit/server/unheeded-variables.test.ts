import { expect, it } from 'vitest'
import { toRuntimeConfig } from '../../../src/options'
import { findUnheededVariables } from '../../../src/runtime/server/utils/unheeded-variables'

const config = toRuntimeConfig({
  upstreams: { 'default': { provider: 'openai', models: ['m'] }, 'my-vllm': { baseURL: 'http://10.0.0.1/v1', models: { small: 'qwen' } } },
  resume: { driver: 'redis' },
})
const find = (...names: string[]) => findUnheededVariables(Object.fromEntries(names.map(name => [name, 'x'])), config)

it('is content with every variable that is documented', () => {
  expect(find(
    'NUXT_LLM_STREAM_API_KEY', 'NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_API_KEY', 'NUXT_LLM_STREAM_UPSTREAMS_MY_VLLM_BASE_URL', 'NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_ALLOW_PRIVATE',
    'NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_MODELS', 'NUXT_LLM_STREAM_LIMITS_OUTPUT_TOKENS', 'NUXT_LLM_STREAM_TIMEOUTS_FIRST_BYTE', 'NUXT_LLM_STREAM_PUBLIC', 'NUXT_LLM_STREAM_TRUST_PROXY',
    'NUXT_LLM_STREAM_ORIGINS', 'NUXT_LLM_STREAM_HEARTBEAT', 'NUXT_LLM_STREAM_REDIS_URL', 'NUXT_LLM_STREAM_RESUME_SECRET', 'NUXT_LLM_STREAM_RESUME_DRIVER',
    'NUXT_PUBLIC_LLM_STREAM_HEARTBEAT', 'NUXT_LLM_STREAMING',
  )).toBeUndefined()
})

it.each(['NUXT_LLM_STREAM_ROUTE', 'NUXT_LLM_STREAM_UPSTREAMS_OTHER_API_KEY', 'NUXT_LLM_STREAM_LIMITS_OUTPUT_TOKEN', 'NUXT_LLM_STREAM_RESUME_ORPHAN_GRACE'])('says that nothing reads %s', (name) => {
  expect(find(name, 'NUXT_LLM_STREAM_API_KEY')).toContain(`reads ${name}.`)
})

it('passes over what is set to nothing', () => {
  expect(findUnheededVariables({ NUXT_LLM_STREAM_ROUTE: '' }, config)).toBeUndefined()
})
