/** Networks that no upstream on the public internet has. `[spec]` IANA special-purpose address registries (RFC 6890). */
const PRIVATE_NETWORKS = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
  '::/127', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8',
].map(toNetwork)

/** IPv6 addresses that stand for an IPv4 one: mapped, compatible, translated, NAT64, and (in other bits) 6to4. */
const EMBEDDED_AT_END = ['::ffff:0:0/96', '::/96', '::ffff:0:0:0/96', '64:ff9b::/96'].map(toNetwork)
const SIX_TO_FOUR = toNetwork('2002::/16')

interface Network { address: readonly number[], bits: number }

/** Whether a literal IP address (IPv6 without brackets) is private, loopback, link-local or otherwise not on the internet. */
export function isPrivateAddress(address: string): boolean {
  const groups = parseAddress(address)
  return groups === undefined || isPrivate(groups)
}

/** Whether the host of a URL is a literal address, and not a name to look up. */
export function isLiteralAddress(hostname: string): boolean {
  return hostname.startsWith('[') || parseIPv4(hostname) !== undefined
}

function isPrivate(groups: readonly number[]): boolean {
  if (groups.length === 8) {
    if (EMBEDDED_AT_END.some(network => contains(network, groups)) && isPrivate(groups.slice(6))) return true
    if (contains(SIX_TO_FOUR, groups) && isPrivate(groups.slice(1, 3))) return true
  }
  return PRIVATE_NETWORKS.some(network => contains(network, groups))
}

function contains({ address, bits }: Network, groups: readonly number[]): boolean {
  if (address.length !== groups.length) return false
  return address.every((group, index) => {
    const ignored = Math.min(16, Math.max(0, 16 * (index + 1) - bits))
    return group >> ignored === groups[index]! >> ignored
  })
}

function toNetwork(cidr: string): Network {
  const [address = '', bits] = cidr.split('/')
  return { address: parseAddress(address)!, bits: Number(bits) }
}

/** Groups of 16 bits: two of IPv4, eight of IPv6. */
function parseAddress(address: string): number[] | undefined {
  return address.includes(':') ? parseIPv6(address) : parseIPv4(address)
}

function parseIPv4(address: string): number[] | undefined {
  const parts = address.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) < 256)) return
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number]
  return [a << 8 | b, c << 8 | d]
}

function parseIPv6(address: string): number[] | undefined {
  const [withoutZone = ''] = address.split('%')
  const lastColon = withoutZone.lastIndexOf(':')
  const embedded = withoutZone.includes('.') ? parseIPv4(withoutZone.slice(lastColon + 1)) : []
  if (!embedded) return
  const text = embedded.length ? withoutZone.slice(0, lastColon + 1) : withoutZone
  const halves = text.split('::')
  const [head = [], tail = []] = halves.map(half => half.split(':').filter(Boolean).map(group => Number.parseInt(group, 16)))
  const missing = 8 - head.length - tail.length - embedded.length
  if (halves.length > 2 || missing < 0 || (halves.length === 1 && missing > 0)) return
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail, ...embedded]
  return groups.every(group => group >= 0 && group <= 0xFFFF) ? groups : undefined
}
