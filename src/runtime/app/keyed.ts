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
   * The state of this key, made by the first who asks; without a key, one of its own. `saved`: what `save` gave on the
   * server, for the first one in the browser. `lead`: called when this user is the first of those there are, whose options
   * count: at once, or when those before it have gone.
   */
  acquire: <T extends KeyedState>(key: string | undefined, create: (saved: unknown) => T, lead: (state: T) => void) => Share<T>
  /** What the payload must carry, by key; `undefined`: nothing. */
  save: () => Record<string, unknown> | undefined
  /** Ends all of them. */
  dispose: () => void
}

/** A user's part in a state. */
export interface Share<T> {
  state: T
  /** To be called once. Whoever leaves last ends the state and drops it, unless it is to `keep`. */
  leave: (keep?: boolean) => void
}

/** Makes the map of one app. `payload`: what {@link KeyedStates.save} gave on the server. */
export function createKeyedStates(payload: Record<string, unknown> = {}): KeyedStates {
  const entries = new Map<string, { state: KeyedState, users: (() => void)[] }>()
  const saved = new Map(Object.entries(payload))

  return {
    acquire<T extends KeyedState>(key: string | undefined, create: (saved: unknown) => T, lead: (state: T) => void) {
      const name = key ?? '' // which nothing is kept under
      const entry = entries.get(name) ?? { state: create(saved.get(name)), users: [] }
      const state = entry.state as T // a key names one kind of state: the caller's prefix says which
      const { users } = entry
      const user = () => lead(state)
      if (users.push(user) === 1) user()
      if (name) entries.set(name, entry)
      saved.delete(name)
      return {
        state,
        leave(keep) {
          users.splice(users.indexOf(user), 1)
          const [next] = users
          if (next) return next()
          if (keep) return
          entries.delete(name)
          state.dispose()
        },
      }
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
