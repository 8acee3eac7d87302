import { existsSync } from 'node:fs'
import { addServerTemplate, addTypeTemplate, getLayerDirectories } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

const RULES = ['llm-stream.ts', 'llm-stream.js', 'llm-stream.mjs']

/** The app's `server/llm-stream.{ts,js,mjs}`, else the first layer's that has one. */
export function findRules(nuxt: Nuxt): string | undefined {
  return rulesCandidates(nuxt).find(path => existsSync(path))
}

/** The virtual file through which the relay reaches the app's rules, or learns that there are none. */
export function addRulesTemplate(rules: string | undefined, nuxt: Nuxt): void {
  addServerTemplate({
    filename: '#llm-stream/rules',
    getContents: () => rules ? `export { default } from ${JSON.stringify(rules)}\n` : 'export default undefined\n',
  })
  // Which file it is was decided above: one that comes or goes needs a new start.
  const candidates = new Set(rulesCandidates(nuxt))
  nuxt.hook('builder:watch', async (event, path) => {
    if ((event === 'add' || event === 'unlink') && candidates.has(path)) await nuxt.callHook('restart')
  })
}

/** The virtual file that brings the transport that the preset's platform has: the other one is not even bundled. */
export function addTransportTemplate(resolve: (path: string) => string, nuxt: Nuxt): void {
  let isNode = true
  nuxt.hook('nitro:init', (nitro) => { isNode = nitro.options.node })
  addServerTemplate({
    filename: '#llm-stream/transport',
    getContents: () => isNode
      ? `export { loadNodeTransport as loadTransport } from ${JSON.stringify(resolve('./runtime/server/relay/node/listener'))}\n`
      : `export { createFetchTransport as loadTransport } from ${JSON.stringify(resolve('./runtime/server/relay/web/fetch-transport'))}\n`,
  })
}

/** Types of what the app writes and reads: runtime config, and the virtual file. */
export function addTypeTemplates(resolve: (path: string) => string): void {
  addTypeTemplate({
    filename: 'types/llm-stream.d.ts',
    getContents: () => `import type { LlmStreamRuntimeConfig, PublicLlmStreamRuntimeConfig } from ${JSON.stringify(resolve('./runtime/server/utils/config'))}

declare module 'nuxt/schema' {
  interface RuntimeConfig { llmStream: LlmStreamRuntimeConfig }
  interface PublicRuntimeConfig { llmStream: PublicLlmStreamRuntimeConfig }
}

declare module '@nuxt/schema' {
  interface RuntimeConfig { llmStream: LlmStreamRuntimeConfig }
  interface PublicRuntimeConfig { llmStream: PublicLlmStreamRuntimeConfig }
}

export {}
`,
  }, { nuxt: true, nitro: true })
  // A file of its own, since only one without imports can declare a module that is nowhere on disk.
  addTypeTemplate({
    filename: 'types/llm-stream-virtual.d.ts',
    getContents: () => `declare module '#llm-stream/rules' {
  const rules: import(${JSON.stringify(resolve('./runtime/server/relay/rules'))}).LlmStreamRules | undefined
  export default rules
}

declare module '#llm-stream/transport' {
  type Transport = import(${JSON.stringify(resolve('./runtime/server/relay/transport'))}).Transport
  export const loadTransport: () => Promise<Transport> | Transport
}
`,
  }, { nuxt: true, nitro: true })
}

function rulesCandidates(nuxt: Nuxt): string[] {
  return getLayerDirectories(nuxt).flatMap(({ server }) => RULES.map(file => `${server}${file}`))
}
