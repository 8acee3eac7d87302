import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isPrivateAddress } from '../addresses'
import { relayError } from '../failures'

/** `dns.lookup`, asked for all addresses of a name. */
export type Lookup = (hostname: string, options: LookupOptions & { all: true }, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

/** A lookup that knows no private address. What it gives is what is connected to, so a name that changes meanwhile gains nothing. */
export function onlyPublic(lookup: Lookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const addresses = found.filter(({ address }) => !isPrivateAddress(address))
      const [first] = addresses
      if (!first) return callback(relayError('upstream_address_blocked'), [])
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
