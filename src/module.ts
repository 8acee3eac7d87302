import { defineNuxtModule } from '@nuxt/kit'

export default defineNuxtModule({
  meta: { name: 'nuxt-llm-stream', configKey: 'llmStream' },
  setup() {},
})
