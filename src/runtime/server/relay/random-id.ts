const ID_BYTES = 16
const ID_LENGTH = 22

/** So many ids' random bytes are asked for at once: asking costs more than they do. */
const IDS = 64

/** `[spec]` base64url: https://www.rfc-editor.org/rfc/rfc4648#section-5 */
const LETTERS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')

const bytes = new Uint8Array(IDS * ID_BYTES)
let used = bytes.length

/** 128 random bits as base64url, 22 characters. */
export function randomId(): string {
  if (used === bytes.length) {
    crypto.getRandomValues(bytes)
    used = 0
  }
  const letters: number[] = []
  for (let bit = 0; letters.length < ID_LENGTH; bit += 6) {
    const at = used + (bit >> 3)
    const next = (bit >> 3) + 1 < ID_BYTES ? bytes[at + 1]! : 0
    letters.push(LETTERS[(bytes[at]! << 8 | next) >> (10 - (bit & 7)) & 63]!)
  }
  used += ID_BYTES
  return String.fromCharCode(...letters)
}
