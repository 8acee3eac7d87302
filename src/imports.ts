import type { Nuxt } from '@nuxt/schema'

/** The composables, each under the name that the app knows it by. `false`: none is auto-imported. */
export type ImportOptions = false | Partial<Record<Composable, string>>

type Composable = 'useStream' | 'useConversation'

const COMPOSABLES: readonly Composable[] = ['useStream', 'useConversation']

/**
 * Auto-imports the composables. A name that the app already defines is left to the app, with one warning that tells how to
 * have both.
 */
export function addComposables(names: ImportOptions = {}, from: string, nuxt: Nuxt, warn: (message: string) => void): void {
  if (names === false) return
  const warned = new Set<string>()
  // The hook runs again whenever the app's composables change, with what was found in its folders.
  nuxt.hook('imports:extend', (imports) => {
    for (const name of COMPOSABLES) {
      const as = names[name] ?? name
      if (!imports.some(existing => (existing.as ?? existing.name) === as)) {
        imports.push({ name, as, from })
      }
      else if (!warned.has(as)) {
        warned.add(as)
        warn(`The app has a \`${as}\` of its own, so ours is not auto-imported. Set \`llmStream.imports: { ${name}: 'useLlm${name.slice(3)}' }\` to have both.`)
      }
    }
  })
}
