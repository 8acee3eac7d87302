import type { Frame } from './frames'

const decoder = new TextDecoder()

const QUOTE = 0x22
const COLON = 0x3A
const OPENING_BRACE = 0x7B
const OPENING_BRACKET = 0x5B
const CLOSING_BRACKET = 0x5D
const TYPE = asciiBytes('"type"')

/** Parses an event's data; `undefined` when it is no JSON, which is the client's to find out (wire.md §1). */
export function parseData(frame: Frame): unknown {
  try {
    return JSON.parse(dataText(frame))
  }
  catch {
    return undefined
  }
}

/** Whether the event's `event:` line says this. */
export function hasName({ bytes, nameStart, nameEnd }: Frame, name: Uint8Array): boolean {
  return nameEnd - nameStart === name.length && matches(name, bytes, nameStart)
}

/**
 * The bytes of the event's `type`, where it is the first key of its JSON, as it is on every event of Responses and Messages
 * that was ever seen. `type.length` 0: it is not, parse.
 */
export function leadingType({ bytes, dataStart, dataEnd }: Frame, into: { start: number, end: number }): boolean {
  let index = skipSpace(bytes, dataStart)
  if (bytes[index] !== OPENING_BRACE) return false
  index = skipSpace(bytes, index + 1)
  if (!matches(TYPE, bytes, index)) return false
  index = skipSpace(bytes, index + TYPE.length)
  if (bytes[index] !== COLON) return false
  index = skipSpace(bytes, index + 1)
  if (bytes[index] !== QUOTE) return false
  into.start = ++index
  while (index < dataEnd && bytes[index] !== QUOTE) index++
  into.end = index
  return index < dataEnd
}

/** The byte at which the value of a key begins, when the key's closing quote is just before `index`; else 0. */
export function valueByte(bytes: Uint8Array, index: number): number {
  const colon = skipSpace(bytes, index)
  return bytes[colon] === COLON ? bytes[skipSpace(bytes, colon + 1)]! : 0
}

/** Whether the value of the key that ends before `index` is `[]`. */
export function isEmptyArray(bytes: Uint8Array, index: number): boolean {
  const opening = skipSpace(bytes, skipSpace(bytes, index) + 1)
  return bytes[opening] === OPENING_BRACKET && bytes[skipSpace(bytes, opening + 1)] === CLOSING_BRACKET
}

export function matches(expected: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

/** `[spec]` Several `data:` lines join with LF. */
function dataText({ bytes, start, end, dataStart, dataEnd, dataLines }: Frame): string {
  if (dataLines === 1) return decoder.decode(bytes.subarray(dataStart, dataEnd))
  return decoder.decode(bytes.subarray(start, end)).split('\n')
    .filter(line => line.startsWith('data'))
    .map(line => line.replace(/^data:? ?/, ''))
    .join('\n')
}

function skipSpace(bytes: Uint8Array, index: number): number {
  while (bytes[index] === 0x20 || bytes[index] === 0x09 || bytes[index] === 0x0A) index++
  return index
}
