/**
 * Freezes what is published, in development only: whoever mutates a part in place gets an error where it happens, instead of
 * a screen that does not change. Closed parts are frozen once: what is frozen already is not looked into again.
 */
export function freezeDeep<T>(value: T): T {
  if (!isPlain(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) freezeDeep(inner)
  return value
}

/** Errors and other instances belong to whoever made them. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}
