import { getCurrentInstance, getCurrentScope, onMounted, onScopeDispose } from 'vue'

/**
 * In a component once it is mounted, so that the first render equals the server's; elsewhere at once, but in a browser only.
 * What begins then belongs to the scope that asked for it, such as a store's, which outlives the component.
 */
export function whenMounted(begin: () => void): void {
  const scope = getCurrentScope()
  if (getCurrentInstance()) onMounted(() => scope!.run(begin)) // a component has a scope
  else if (typeof document !== 'undefined') begin()
}

/**
 * Calls back when the page is left, until the scope ends. Chromium keeps a page for the case that its user comes back, and
 * goes on reading, and paying for, what nobody sees; other browsers end what was under way.
 */
export function whenLeft(end: () => void): void {
  addEventListener('pagehide', end)
  onScopeDispose(() => removeEventListener('pagehide', end), true)
}
