import { addPlugin, addServerImports, addServerPlugin, createResolver, defineNuxtModule, extendViteConfig, useLogger } from '@nuxt/kit'
import { setUpDevelopment } from './development'
import { addComposables } from './imports'
import { findUnknownOptions } from './known-options'
import { findRecordings, type ModuleOptions, moduleDefaults, toPublicConfig, toRoute, toRuntimeConfig } from './options'
import { findExposedKey, refuse } from './refusals'
import { warnAboutPlatform } from './platform'
import { findPreBundled } from './pre-bundled'
import { addServerRoute } from './server-route'
import { addRulesTemplate, addTransportTemplate, addTypeTemplates, findRules } from './templates'

export type { ModuleOptions } from './options'

/** Build time only: registers the relay, the composables and their types. What they do lives in `runtime/`. */
export default defineNuxtModule<ModuleOptions>({
  meta: { name: 'nuxt-llm-stream', configKey: 'llmStream', compatibility: { nuxt: '>=3.21.0' } },
  defaults: moduleDefaults,
  async setup(options, nuxt) {
    const logger = useLogger('llm-stream')
    const { resolve } = createResolver(import.meta.url)
    const rules = findRules(nuxt)
    const facts = { dev: nuxt.options.dev, preparing: nuxt.options._prepare, generates: nuxt.options.nitro.static === true, hasRules: rules !== undefined }

    const problem = findExposedKey(options, nuxt.options.runtimeConfig.public, process.env) ?? refuse(options, facts)
    if (problem) throw new Error(`[llm-stream] ${problem}`)
    options.route = toRoute(options)
    if (facts.dev) findUnknownOptions(options).forEach(sentence => logger.warn(sentence))

    const recordings = findRecordings(options, nuxt.options.rootDir)
    if (facts.dev && !facts.preparing) await setUpDevelopment(options, { nuxt, logger, resolve, rules, recordings })
    nuxt.options.runtimeConfig.llmStream = toRuntimeConfig(options, facts.dev && options.record ? recordings : '')
    nuxt.options.runtimeConfig.public.llmStream = toPublicConfig(options)

    addServerRoute(options.route, resolve('./runtime/server/api/relay'))
    addServerPlugin(resolve('./runtime/server/plugins/llm-stream'))
    addServerImports(['defineLlmStream', 'defineLlmStreamHandler'].map(name => ({ name, from: resolve('./runtime/server/utils/define-llm-stream') })))
    addPlugin(resolve('./runtime/app/plugins/llm-stream'))
    addComposables(options.imports, resolve('./runtime/app'), nuxt, message => logger.warn(message))
    addRulesTemplate(rules, nuxt)
    addTransportTemplate(resolve, nuxt)
    addTypeTemplates(resolve)
    warnAboutPlatform(options, nuxt, message => logger.warn(message))

    nuxt.options.build.transpile.push(resolve('./runtime'))
    extendViteConfig(({ optimizeDeps = {} }) => {
      // Two copies of our Vue code, one of them pre-bundled, would not find each other's state.
      (optimizeDeps.exclude ??= []).push('nuxt-llm-stream');
      (optimizeDeps.include ??= []).push(...findPreBundled(nuxt.options.rootDir))
    })
  },
})
