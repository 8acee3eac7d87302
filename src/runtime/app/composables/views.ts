import { computed } from 'vue'
import type { ReadonlyRef } from './stream-return'

/** A ref for each field of a value that is replaced as a whole: who shows one of them renders when that one changes. */
export function toViews<T extends object>(read: () => T): Views<T> {
  const views = {} as Views<T> // filled by the next line
  for (const key of Object.keys(read()) as (keyof T)[]) views[key] = computed(() => read()[key])
  return views
}

type Views<T> = { [K in keyof T]: ReadonlyRef<T[K]> }
