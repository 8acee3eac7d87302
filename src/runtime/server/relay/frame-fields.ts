import { DONE } from '../../shared/wire'
import type { Frame } from './frames'

const SPACE = 0x20
const COLON = 0x3A

export const DATA_FIELD = ascii('data')
export const EVENT_FIELD = ascii('event')
export const ERROR_FIELD = ascii('error')
const DONE_VALUE = ascii(DONE)

/** `[spec]` A line without a colon is a field with an empty value. */
export function isField(name: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (bytes[start] !== name[0] || stop - start < name.length || !startsWith(name, bytes, start)) return false
  return stop - start === name.length || bytes[start + name.length] === COLON
}

/** `[spec]` One space after the colon does not belong to the value. */
export function valueStart(name: Uint8Array, bytes: Uint8Array, start: number, stop: number): number {
  const value = Math.min(stop, start + name.length + 1)
  return value < stop && bytes[value] === SPACE ? value + 1 : value
}

function startsWith(prefix: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[start + index] !== prefix[index]) return false
  }
  return true
}

/** Whether the event's data is `[DONE]`, the terminal of Chat Completions. */
export function isDone({ bytes, dataStart, dataEnd, dataLines }: Frame): boolean {
  if (dataLines !== 1 || dataEnd - dataStart !== DONE_VALUE.length) return false
  return startsWith(DONE_VALUE, bytes, dataStart)
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}
