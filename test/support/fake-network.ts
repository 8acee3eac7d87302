import type { Network } from '../../src/runtime/app/run/network'

/** A network that a test takes away and gives back. */
export interface FakeNetwork extends Network {
  connect: (online: boolean) => void
  /** The page is seen again. */
  see: () => void
  /** Listeners that are set now. */
  readonly listeners: number
}

export function createFakeNetwork(): FakeNetwork {
  let online = true
  const listeners = new Set<() => void>()
  const callAll = () => {
    for (const callback of [...listeners]) callback()
  }
  return {
    online: () => online,
    onReturn(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
    connect(value) {
      online = value
      if (online) callAll()
    },
    see: callAll,
    get listeners() { return listeners.size },
  }
}
