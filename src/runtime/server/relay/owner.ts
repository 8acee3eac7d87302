import type { Exchange } from './exchange'
import { RUN_ID } from '../../shared/wire'
import { randomId } from './random-id'
import { ownOrigin } from './client'

/** Who a run belongs to. */
export interface Owner {
  /** Keyed hash: what is stored with the run. `undefined`: nobody that could own one. */
  hash: string | undefined
  /** `Set-Cookie` that makes a stranger somebody. */
  cookie?: string
}

export interface Owners {
  /** `subject` as `authorize` said; without an `authorize` a random cookie tells one visitor from another. */
  identify: (exchange: Exchange, subject: string | undefined) => Promise<Owner>
  /** The same, but a visitor without a cookie gets one. */
  welcome: (exchange: Exchange, subject: string | undefined) => Promise<Owner & { hash: string }>
}

const COOKIE = 'llm-stream'

export function createOwners({ secret, route, trustProxy }: { secret: string, route: string, trustProxy: number }): Owners {
  let key: Promise<CryptoKey> | undefined

  return { identify, welcome }

  async function identify(exchange: Exchange, subject: string | undefined): Promise<Owner> {
    if (subject !== undefined) return { hash: await hash(`subject ${subject}`) }
    const visitor = readCookie(exchange.headers.cookie)
    return { hash: visitor && await hash(`visitor ${visitor}`) }
  }

  async function welcome(exchange: Exchange, subject: string | undefined): Promise<Owner & { hash: string }> {
    const { hash: known } = await identify(exchange, subject)
    if (known !== undefined) return { hash: known }
    const visitor = randomId()
    const secure = ownOrigin(exchange, trustProxy).startsWith('https:') ? '; Secure' : ''
    return {
      hash: await hash(`visitor ${visitor}`),
      cookie: `${COOKIE}=${visitor}; Path=${route || '/'}; HttpOnly; SameSite=Lax${secure}`,
    }
  }

  async function hash(text: string): Promise<string> {
    key ??= importKey(secret)
    const digest = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(text))
    return btoa(String.fromCharCode(...new Uint8Array(digest)))
  }
}

function importKey(secret: string): Promise<CryptoKey> {
  const bytes = secret ? new TextEncoder().encode(secret) : crypto.getRandomValues(new Uint8Array(32))
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

function readCookie(header = ''): string | undefined {
  for (const pair of header.split(';')) {
    const [name, value = ''] = pair.trim().split('=', 2)
    if (name === COOKIE && RUN_ID.test(value)) return value
  }
}

/** Whether two hashes are the same, in a time that does not tell where they differ. */
export function sameHash(left: string, right: string): boolean {
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index++) difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  return difference === 0
}
