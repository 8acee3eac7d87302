import { effect, effectScope, getCurrentScope, stop } from 'vue'

/**
 * Functions by which nothing is tracked: an effect of the app's that calls one runs again for what it reads itself, and not
 * for what is read on the way. A `watchEffect` that sends would else send again after every answer.
 */
export function untracked<T extends object>(functions: T): T {
  const entries = Object.entries(functions) as [string, (...args: unknown[]) => unknown][]
  // The same names, and what each takes and gives.
  return Object.fromEntries(entries.map(([name, call]) => [name, (...args: unknown[]) => aside(() => call(...args))])) as T
}

/**
 * Calls inside of an effect that ends with the call: Vue exports no other way to stop tracking. A scope lists its effects for
 * as long as it lives, ended ones too, so this one goes into one that nobody keeps; what the call makes is its caller's.
 */
function aside(call: () => unknown): unknown {
  const scope = getCurrentScope()
  let result: unknown
  effectScope(true).run(() => stop(effect(() => { result = scope?.active ? scope.run(call) : call() })))
  return result
}
