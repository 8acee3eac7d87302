import type { Exchange } from './exchange'

/**
 * Where a request comes from: the peer's address, or behind `hops` trusted proxies the one that the outermost of them saw.
 * `undefined` when nobody knows.
 */
export function clientAddress({ headers, address }: Exchange, hops: number): string | undefined {
  if (hops === 0) return address
  return fromRight(headers['x-forwarded-for'], hops) ?? address
}

/** Why all callers would share one address in limits, if they would. */
export function findAddressProblem(exchange: Exchange, hops: number): string | undefined {
  if (clientAddress(exchange, hops) === undefined) {
    return 'Nobody says which address a request comes from: all callers share one in limits. '
      + 'Behind proxies, say by `trustProxy` how many there are; to `createRelay`, give the address as `ip`.'
  }
  if (hops === 0 && exchange.headers['x-forwarded-for'] !== undefined) {
    return 'A proxy stands in front of the server, but `trustProxy` is 0: all users share its address in limits. Say how many proxies there are.'
  }
}

/** The origin that browsers know this server by: scheme and host, as the trusted proxies say. */
export function ownOrigin({ headers, scheme }: Exchange, hops: number): string {
  const seenScheme = hops > 0 ? fromRight(headers['x-forwarded-proto'], hops) ?? scheme : scheme
  const seenHost = hops > 0 ? fromRight(headers['x-forwarded-host'], hops) ?? headers.host : headers.host
  return `${seenScheme}://${seenHost ?? ''}`.toLowerCase()
}

/**
 * The bucket of an address in limits: an IPv4 address is its own, of an IPv6 address its /64 counts, since one customer has
 * all of it. An IPv4-mapped address is the IPv4 one. What is no address is a bucket of its own.
 */
export function addressBucket(address: string | undefined): string {
  if (!address) return 'unknown'
  const bare = address.replace(/^\[|\](?::\d+)?$|%.*$/g, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)
  if (mapped) return mapped[1]!
  if (!bare.includes(':')) return bare
  if (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(bare)) return bare.slice(0, bare.indexOf(':'))
  const [head = '', tail] = bare.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  const after = tail ? tail.split(':') : []
  // An embedded dotted quad stands for two groups.
  const missing = tail === undefined ? 0 : 8 - groups.length - after.length - (bare.includes('.') ? 1 : 0)
  const full = [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return `${full.slice(0, 4).map(group => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** The `n`-th entry of a list header from the right, where the proxy next to us wrote; fewer entries: the leftmost. */
function fromRight(header: string | undefined, n: number): string | undefined {
  if (!header) return
  const entries = header.split(',')
  return entries[Math.max(0, entries.length - n)]!.trim() || undefined
}
