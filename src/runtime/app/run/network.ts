import type { Cancel } from './page'

/** What a run that lost its connection needs to know of the world. */
export interface Network {
  /** `false`: there is surely none. */
  online: () => boolean
  /** Calls back when the network is back, or the page can be seen again, until cancelled. */
  onReturn: (callback: () => void) => Cancel
}

export function createNetwork(): Network {
  const page = typeof document === 'undefined' ? undefined : document
  return {
    online: () => globalThis.navigator?.onLine !== false,
    onReturn(callback) {
      const seen = () => page?.visibilityState === 'visible' && callback()
      globalThis.addEventListener?.('online', callback)
      page?.addEventListener('visibilitychange', seen)
      return () => {
        globalThis.removeEventListener?.('online', callback)
        page?.removeEventListener('visibilitychange', seen)
      }
    },
  }
}
