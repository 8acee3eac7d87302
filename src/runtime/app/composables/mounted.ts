import { getCurrentInstance, getCurrentScope, onMounted } from 'vue'

/**
 * In a component once it is mounted, so that the first render equals the server's; elsewhere at once, but in a browser only.
 * What begins then belongs to the scope that asked for it, such as a store's, which outlives the component.
 */
export function whenMounted(begin: () => void): void {
  const scope = getCurrentScope()
  if (getCurrentInstance()) onMounted(() => scope!.run(begin)) // a component has a scope
  else if (typeof document !== 'undefined') begin()
}
