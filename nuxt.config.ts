import { defineNuxtConfig } from 'nuxt/config'

// The root runs the playground, so that `nuxt dev` works here too, and `nuxt-module-build prepare` can type `src`.
export default defineNuxtConfig({
  extends: ['./playground'],
  compatibilityDate: '2026-11-01',
})
