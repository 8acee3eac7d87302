import { getCurrentInstance, onMounted } from 'vue'

/** In a component once it is mounted, so that the first render equals the server's; elsewhere at once, but in a browser only. */
export function whenMounted(begin: () => void): void {
  if (getCurrentInstance()) onMounted(begin)
  else if (typeof document !== 'undefined') begin()
}
