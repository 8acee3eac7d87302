import type { ResolvedRelayOptions } from '../relay/options'

/** Takes out what only the server may know, before anything is stored or shown. */
export interface Redactor {
  /** The same bytes with every secret starred out, one star for each byte: sizes stay as they were. */
  bytes: (bytes: Uint8Array) => Uint8Array
  /** Headers with the values of all but the harmless ones starred out. */
  headers: (headers: Readonly<Record<string, string>>) => Record<string, string>
  /** An address without the values in its query, which some providers take keys in. */
  url: (url: URL) => string
}

/** Headers whose values say nothing of who pays. */
const HARMLESS = new Set([
  'accept', 'accept-encoding', 'anthropic-beta', 'anthropic-version', 'content-type', 'http-referer', 'idempotency-key', 'user-agent', 'x-title',
])

const HARMLESS_PARAMETERS = new Set(['api-version'])

/** Shorter values are found everywhere in a text; they are no keys either. */
const SHORTEST = 8

const STARS = '********'

/** Knows the secrets of all upstreams, since one may repeat the key of another. */
export function createRedactor({ upstreams }: Pick<ResolvedRelayOptions, 'upstreams'>): Redactor {
  const secrets = new Set<string>()
  for (const { headers, urls } of upstreams.values()) {
    for (const [name, value] of Object.entries(headers)) if (!HARMLESS.has(name)) secrets.add(value.replace(/^Bearer /, ''))
    for (const { searchParams } of Object.values(urls)) {
      for (const [name, value] of searchParams) if (!HARMLESS_PARAMETERS.has(name)) secrets.add(value)
    }
  }
  // As they are, and as they are written in JSON.
  const needles = [...new Set([...secrets].flatMap(secret => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter(needle => needle.length >= SHORTEST)
    .map(needle => Buffer.from(needle))

  return {
    bytes: bytes => starOut(bytes, needles),
    headers: headers => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, HARMLESS.has(name) ? value : STARS])),
    url(url) {
      const shown = new URL(url)
      for (const name of shown.searchParams.keys()) if (!HARMLESS_PARAMETERS.has(name)) shown.searchParams.set(name, STARS)
      return shown.href
    },
  }
}

function starOut(bytes: Uint8Array, needles: readonly Buffer[]): Uint8Array {
  let shown = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let own = false
  for (const needle of needles) {
    for (let at = shown.indexOf(needle); at !== -1; at = shown.indexOf(needle, at)) {
      // The bytes are on their way to the client, who gets them as they are.
      if (!own) shown = Buffer.from(shown)
      own = true
      shown.fill('*', at, at + needle.length)
    }
  }
  return shown
}
