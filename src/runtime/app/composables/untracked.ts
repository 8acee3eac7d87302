import { effect, stop } from 'vue'

/**
 * Functions by which nothing is tracked: an effect of the app's that calls one runs again for what it reads itself, and not
 * for what is read on the way. A `watchEffect` that sends would else send again after every answer.
 */
export function untracked<T extends object>(functions: T): T {
  const entries = Object.entries(functions) as [string, (...args: unknown[]) => unknown][]
  return Object.fromEntries(entries.map(([name, call]) => [name, (...args: unknown[]) => {
    let result: unknown
    stop(effect(() => { result = call(...args) }))
    return result
  }])) as T // the same names, and what each takes and gives
}
