import type { IncomingMessage, ServerResponse } from 'node:http'
import { addDevServerHandler } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { addServerRoute } from './server-route'

/** Where the tab's page and its data are, below the app's base URL. */
const ROUTE = '/__llm-stream'

/** Development only: a tab in Nuxt DevTools that shows the last runs, and the route that serves it. */
export function addDevtools(nuxt: Nuxt, resolve: (path: string) => string): void {
  const path = nuxt.options.app.baseURL.replace(/\/$/, '') + ROUTE
  addServerRoute(ROUTE, resolve('./runtime/server/dev/inspector'))
  nuxt.options.nitro.serverAssets = [...nuxt.options.nitro.serverAssets ?? [], { baseName: 'llm-stream', dir: resolve('./runtime/server/dev/ui') }]
  addDevServerHandler({ route: path, handler: Object.assign(refuseOtherMachines, HANDLER_MARK) })
  const onTabs = (tabs: object[]) => {
    tabs.push({ name: 'llm-stream', title: 'LLM runs', icon: `${path}/icon.svg`, view: { type: 'iframe', src: `${path}/` } })
  }
  nuxt.hook('devtools:customTabs' as 'ready', onTabs as () => void) // DevTools' own hook, which has types only where DevTools are
}

/** How h3 v1 knows a handler; h3 itself is Nuxt's, and not ours to import here. */
const HANDLER_MARK = { __is_handler__: true } as const

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/

/**
 * The tab shows prompts, so that with `nuxt dev --host` other machines get nothing. Asked here, where sockets are those of the
 * callers: the server behind is told of them by a header only, which they may have written themselves.
 */
export function refuseOtherMachines({ node: { req, res } }: { node: { req: IncomingMessage, res: ServerResponse } }): string | undefined {
  if (LOOPBACK.test(req.socket.remoteAddress ?? '')) return
  res.statusCode = 403
  return 'The runs are shown on this machine only.'
}
