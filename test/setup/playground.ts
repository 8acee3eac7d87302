import { inject } from 'vitest'
import { startServer } from './server'
import type { BuiltServer } from './server'

/** Starts the built playground in front of an upstream of the test's, which is asked at this base URL. Whoever starts it closes it. */
export function startPlayground(baseURL: string, env: Record<string, string> = {}): Promise<BuiltServer> {
  return startServer({
    app: inject('playgroundApp'),
    env: {
      NUXT_LLM_STREAM_API_KEY: 'sk-test',
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: baseURL,
      NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_ALLOW_PRIVATE: 'true',
      ...env,
    },
  })
}
