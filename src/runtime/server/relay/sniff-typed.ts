import type { Frame } from './frames'
import { asciiBytes, hasName, leadingType, matches, parseData } from './frame-data'
import { isObject } from '../../shared/protocols/json'
import { holdsError } from '../../shared/protocols/upstream-error'

/** Which of the listed types an event has; any other is `undefined`. */
export type TypeReader<T extends string> = (frame: Frame) => T | undefined

/**
 * Reads the `type` of Responses and Messages events without parsing them. `[wire]` The JSON's `type` rules; the `event:` name
 * counts only where it is missing (wire.md §1).
 */
export function createTypeReader<const T extends string>(types: readonly T[]): TypeReader<T> {
  const spelled = types.map(type => ({ type, bytes: asciiBytes(type) }))
  const found = { start: 0, end: 0 }

  return (frame) => {
    if (leadingType(frame, found)) {
      const length = found.end - found.start
      for (const { type, bytes } of spelled) {
        if (bytes.length === length && matches(bytes, frame.bytes, found.start)) return type
      }
      return
    }
    const message = parseData(frame)
    const named = isObject(message) && message.type !== undefined ? message.type : spelled.find(({ bytes }) => hasName(frame, bytes))?.type
    return types.find(type => type === (isObject(message) && holdsError(message) ? 'error' : named))
  }
}
