/** A message's id: 16 random characters. `crypto.randomUUID` is missing on pages that are served without TLS. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => (byte % 36).toString(36)).join('')
}
