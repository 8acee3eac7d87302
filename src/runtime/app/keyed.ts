/** State that components of one app share by a key, and that can travel from the server to the browser. */
export interface KeyedState {
  /** Ends what is under way: nobody uses the state any more. */
  dispose: () => void
  /** What the payload must carry; `undefined`: nothing. */
  save?: () => unknown
}

/** The shared states of one app. */
export interface KeyedStates {
  /**
   * The state of this key, made by the first who asks; each call is paired with one of `release`. `saved`: what `save`
   * gave on the server, for the first one in the browser.
   */
  acquire: <T extends KeyedState>(key: string, create: (saved: unknown) => T) => T
  /** Whoever leaves last ends the state and drops it, unless it is to `keep`. */
  release: (key: string, keep?: boolean) => void
  /** What the payload must carry, by key; `undefined`: nothing. */
  save: () => Record<string, unknown> | undefined
  /** Ends all of them. */
  dispose: () => void
}

/** Makes the map of one app. `payload`: what {@link KeyedStates.save} gave on the server. */
export function createKeyedStates(payload: Record<string, unknown> = {}): KeyedStates {
  const entries = new Map<string, { state: KeyedState, users: number }>()
  const saved = new Map(Object.entries(payload))

  return {
    acquire<T extends KeyedState>(key: string, create: (saved: unknown) => T) {
      const known = entries.get(key)
      if (known) {
        known.users++
        return known.state as T // a key names one kind of state: the caller's prefix says which
      }
      const state = create(saved.get(key))
      saved.delete(key)
      entries.set(key, { state, users: 1 })
      return state
    },
    release(key, keep) {
      const entry = entries.get(key)
      if (!entry || --entry.users > 0 || keep) return
      entries.delete(key)
      entry.state.dispose()
    },
    save() {
      const all = [...entries].map(([key, { state }]) => [key, state.save?.()] as const).filter(([, value]) => value !== undefined)
      return all.length > 0 ? Object.fromEntries(all) : undefined
    },
    dispose() {
      for (const { state } of entries.values()) state.dispose()
      entries.clear()
    },
  }
}
