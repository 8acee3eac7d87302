import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { refuseOtherMachines } from '../../../src/devtools'

function ask(remoteAddress: string | undefined): { status: number, body: string | undefined } {
  const res = { statusCode: 200 } as ServerResponse
  const body = refuseOtherMachines({ node: { req: { socket: { remoteAddress } } as IncomingMessage, res } })
  return { status: res.statusCode, body }
}

it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('lets the machine itself, %s, pass', (address) => {
  expect(ask(address)).toEqual({ status: 200, body: undefined })
})

it.each(['192.168.1.7', '10.0.0.1', '::ffff:192.168.1.7', 'fe80::1', undefined])('refuses %s', (address) => {
  expect(ask(address)).toEqual({ status: 403, body: expect.stringContaining('this machine only') })
})
