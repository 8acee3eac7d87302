import { expect, it } from 'vitest'
import { isLiteralAddress, isPrivateAddress } from '../../../src/runtime/server/relay/addresses'

it.each([
  '127.0.0.1', '127.255.255.255', '0.0.0.0', '10.0.0.1', '100.64.0.1', '100.127.255.255', '169.254.169.254', '172.16.0.1', '172.31.255.255',
  '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255',
  '::', '::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fe80::1%eth0', 'ff02::1', '2001:db8::1',
  '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:169.254.169.254', '::127.0.0.1', '64:ff9b::10.0.0.1', '64:ff9b::a00:1',
  '2002:7f00:1::', '2002:a00:1::1', '::ffff:0:10.0.0.1',
  'nonsense', '1.2.3', '1.2.3.256', '1::2::3', '12345::', ':::',
])('takes %s for private', (address) => {
  expect(isPrivateAddress(address)).toBe(true)
})

it.each([
  '1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '169.253.0.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '223.255.255.255',
  '2606:4700:4700::1111', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2002:808:808::1', 'fbff::1',
])('takes %s for public', (address) => {
  expect(isPrivateAddress(address)).toBe(false)
})

it('knows literal addresses as they stand in a URL', () => {
  const hosts = ['http://127.1/', 'http://2130706433/', 'http://[::1]/', 'http://localhost/', 'http://a.example/', 'http://1.2.3.4.example/'].map(url => new URL(url).hostname)
  expect(hosts.map(isLiteralAddress)).toEqual([true, true, true, false, false, false])
})
