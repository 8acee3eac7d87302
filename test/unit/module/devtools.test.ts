import type { IncomingMessage, ServerResponse } from 'node:http'
import { runWithNuxtContext } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { expect, it } from 'vitest'
import { addDevtools, refuseOtherMachines } from '../../../src/devtools'

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

it('adds a tab to DevTools that shows its page below the app\'s base URL, and serves it in development', () => {
  const hooks: Record<string, (tabs: object[]) => void> = {}
  const nuxt = {
    options: { app: { baseURL: '/shop/' }, nitro: {}, serverHandlers: [], devServerHandlers: [] },
    hook: (name: string, listener: (tabs: object[]) => void) => { hooks[name] = listener },
  } as unknown as Nuxt
  runWithNuxtContext(nuxt, () => addDevtools(nuxt, path => path))

  const tabs: object[] = []
  hooks['devtools:customTabs']!(tabs)
  expect(tabs).toEqual([expect.objectContaining({ title: 'LLM runs', view: { type: 'iframe', src: '/shop/__llm-stream/' } })])
  expect(nuxt.options.serverHandlers.map(({ route }) => route)).toEqual(['/__llm-stream', '/__llm-stream/**'])
  expect(nuxt.options.devServerHandlers).toMatchObject([{ route: '/shop/__llm-stream' }])
})
