import type { Exchange } from './exchange'

/**
 * Where a request comes from: the peer's address, or behind `hops` trusted proxies the one that the outermost of them saw.
 * `undefined` when nobody knows.
 */
export function clientAddress({ headers, address }: Exchange, hops: number): string | undefined {
  if (hops === 0) return address ?? headers['cf-connecting-ip']
  return fromRight(headers['x-forwarded-for'], hops) ?? address
}

/** Whether the peer says that it speaks for somebody else and nobody said to believe it. */
export function isBehindUnknownProxy({ headers, address }: Exchange, hops: number): boolean {
  return hops === 0 && address !== undefined && headers['x-forwarded-for'] !== undefined
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
