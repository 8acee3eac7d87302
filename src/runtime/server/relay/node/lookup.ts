import type { LookupAddress, LookupOptions } from 'node:dns'
import { lookup } from 'node:dns'
import { isPrivateAddress } from '../addresses'
import { relayError } from '../failures'

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** `dns.lookup` that knows no private address: what passes is what is connected to, so a second lookup cannot change it. */
export function lookupPublic(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, [])
    const addresses = found.filter(({ address }) => !isPrivateAddress(address))
    const [first] = addresses
    if (!first) return callback(relayError('upstream_address_blocked'), [])
    if (options.all) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
