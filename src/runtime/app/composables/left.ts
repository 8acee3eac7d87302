import { onScopeDispose } from 'vue'

/**
 * Calls back when the page is left, until the scope ends. Chromium keeps a page for the case that its user comes back, and
 * goes on reading, and paying for, what nobody sees; other browsers end what was under way.
 */
export function whenLeft(end: () => void): void {
  addEventListener('pagehide', end)
  onScopeDispose(() => removeEventListener('pagehide', end), true)
}
