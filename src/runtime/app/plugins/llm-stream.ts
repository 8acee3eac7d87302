import { defineNuxtPlugin, useRuntimeConfig } from 'nuxt/app'
import type { Plugin } from 'nuxt/app'
import { createLlmStream } from '../llm-stream'

/** What the module puts into the public runtime config, beside what Nuxt has there. */
interface Config {
  app: { baseURL: string }
  public: { llmStream: { route: string, heartbeat: number | false } }
}

/** Tells the composables where the relay is, and carries keyed states from the server to the browser. */
const plugin: Plugin = defineNuxtPlugin({
  name: 'llm-stream',
  setup({ vueApp, payload, hook }) {
    // Typed here, since the app's own types know the key only once the module is prepared.
    const { app, public: { llmStream: { route, heartbeat } } } = useRuntimeConfig() as unknown as Config
    const context = createLlmStream({
      endpoint: app.baseURL.replace(/\/$/, '') + route,
      heartbeat,
      payload: payload.llmStream as Record<string, unknown> | undefined,
    })
    vueApp.use(context)
    hook('app:rendered', () => {
      const saved = context.keyed.save()
      if (saved) payload.llmStream = saved
    })
  },
})

export default plugin
