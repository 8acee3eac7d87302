/**
 * An append-only list whose versions share their storage: appending is O(1) and leaves every older version as it was,
 * since a version shows only its own `length` items.
 */
export interface Sequence<T> {
  /** Shared with other versions and perhaps longer than this one: read it through {@link toArray}. */
  readonly items: readonly T[]
  readonly length: number
}

/** A sequence of nothing, with storage of its own. */
export function emptySequence<T>(): Sequence<T> {
  return { items: [], length: 0 }
}

/** The sequence with one more item. Copies only where the storage has gone on without this version, or is frozen. */
export function append<T>({ items, length }: Sequence<T>, item: T): Sequence<T> {
  const shared = items.length === length && Object.isExtensible(items)
  const storage = (shared ? items : items.slice(0, length)) as T[] // readonly to everyone but this function
  storage.push(item)
  return { items: storage, length: length + 1 }
}

/** The items of this version, as an array of its own. */
export function toArray<T>({ items, length }: Sequence<T>): T[] {
  return items.slice(0, length)
}
