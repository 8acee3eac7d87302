import { getCurrentInstance, hasInjectionContext, inject } from 'vue'
import type { App, InjectionKey } from 'vue'
import type { KeyedStates } from './keyed'
import { createKeyedStates } from './keyed'

/** Where the relay is, and how it is set up. */
export interface LlmStreamOptions {
  /** Base address of the relay. @default '/api/llm' */
  endpoint?: string
  /** The relay's heartbeat in milliseconds, which the idle timeout must outlast; `false`: it has none. @default 15000 */
  heartbeat?: number | false
  /** Saved states from the server, by key: what `keyed.save()` gave there. */
  payload?: Record<string, unknown>
}

/** What composables know of the app around them. */
export interface LlmStream {
  readonly endpoint: string
  readonly heartbeat: number | false
  /** State shared by key. */
  readonly keyed: KeyedStates
  /** `undefined` outside of any app. */
  readonly app?: App
  install: (app: App) => void
}

/** Shared by name: two copies of this package can meet in one app (pre-bundled and not), and must find one another. */
export const LLM_STREAM: InjectionKey<LlmStream> = Symbol.for('nuxt-llm-stream')

/**
 * Vue plugin that tells `useStream` and `useConversation` where the relay is. The Nuxt module installs it by itself.
 *
 * @example
 * import { createLlmStream } from 'nuxt-llm-stream/vue'
 * import { createApp } from 'vue'
 *
 * createApp({}).use(createLlmStream({ endpoint: 'https://api.example.com/llm' })).mount('#app')
 */
export function createLlmStream({ endpoint = '/api/llm', heartbeat = 15_000, payload }: LlmStreamOptions = {}): LlmStream {
  const keyed = createKeyedStates(payload)
  const context: LlmStream = {
    endpoint,
    heartbeat,
    keyed,
    install(app) {
      app.provide(LLM_STREAM, { ...context, app })
      app.onUnmount(keyed.dispose)
    },
  }
  return context
}

/** What the app around the caller has installed; without an installed plugin, the defaults. */
export function useLlmStream(): LlmStream {
  const known = hasInjectionContext() && inject(LLM_STREAM, undefined)
  if (known) return known
  const defaults = createLlmStream()
  const app = getCurrentInstance()?.appContext.app
  if (!app) return defaults
  // Kept with the app, so that its components share states by key without the plugin too.
  defaults.install(app)
  return { ...defaults, app }
}
