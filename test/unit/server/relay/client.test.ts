import { expect, it } from 'vitest'
import { addressBucket, clientAddress } from '../../../../src/runtime/server/relay/client'
import { testExchange } from './support/exchange'

const address = (forwarded: string | undefined, hops: number, socket: string | undefined = '10.0.0.1') =>
  clientAddress(testExchange({ headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, address: socket }), hops)

it('believes as many proxies as it is told to', () => {
  expect(address('6.6.6.6, 1.2.3.4', 0)).toBe('10.0.0.1')
  expect(address('6.6.6.6, 1.2.3.4', 1)).toBe('1.2.3.4')
  expect(address('6.6.6.6, 1.2.3.4, 10.0.0.2', 2)).toBe('1.2.3.4')
  expect(address(undefined, 1)).toBe('10.0.0.1')
  expect(address('1.2.3.4', 3)).toBe('1.2.3.4')
})

it.each([
  ['1.2.3.4', '1.2.3.4'],
  ['1.2.3.4:5678', '1.2.3.4'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:0001:2::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['64:ff9b::1.2.3.4', '64:ff9b:0:0::/64'],
  [undefined, 'unknown'],
])('puts %s in the bucket %s', (value, bucket) => {
  expect(addressBucket(value)).toBe(bucket)
})
