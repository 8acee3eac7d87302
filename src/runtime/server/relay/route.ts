import type { ProtocolName } from '../../shared/wire'
import { PROTOCOL_NAMES, PROTOCOL_PATHS, RUN_ID, STREAMS_PATH } from '../../shared/wire'
import type { ResolvedRelayOptions } from './options'
import type { LlmStreamRules } from './rules'
import type { ResolvedUpstream } from './upstream-options'

/** What a path asks for, and the methods that may ask. */
export type Route = RunRoute | StreamRoute

/** A route of the app's own may bring hooks of its own, instead of those that hold for the whole relay. */
export interface RunRoute extends Pick<LlmStreamRules, 'authorize' | 'prepare'> {
  kind: 'run'
  methods: readonly string[]
  upstream: ResolvedUpstream
  protocol: ProtocolName
}

export interface StreamRoute {
  kind: 'stream'
  methods: readonly string[]
  /** `undefined`: no id can look like this, so there is no such run. */
  id: string | undefined
}

/**
 * Finds what the raw, undecoded path of a request line asks for; the query is ignored. Nothing is normalised: a path is
 * spelled as in the table of api.md §4 or there is nothing there, which is `undefined`.
 */
export function findRoute(url: string, { route, upstreams, resume }: ResolvedRelayOptions): Route | undefined {
  const path = url.split('?', 1)[0]!
  if (!path.startsWith(`${route}/`)) return
  const rest = path.slice(route.length + 1)

  if (resume && rest.startsWith(`${STREAMS_PATH}/`)) {
    const id = rest.slice(STREAMS_PATH.length + 1)
    if (id.includes('/')) return
    return { kind: 'stream', methods: ['GET', 'DELETE'], id: RUN_ID.test(id) ? id : undefined }
  }

  const first = rest.split('/', 1)[0]!
  const named = upstreams.get(first)
  const upstream = named ?? upstreams.get('default')
  const protocol = protocolOf(named ? rest.slice(first.length + 1) : rest)
  if (!upstream || !protocol || !upstream.urls[protocol]) return
  return { kind: 'run', methods: ['POST'], upstream, protocol }
}

function protocolOf(path: string): ProtocolName | undefined {
  // [wire] Anthropic's client puts `v1/` before its paths, whatever its base URL.
  const plain = path.startsWith('v1/') ? path.slice(3) : path
  return PROTOCOL_NAMES.find(name => PROTOCOL_PATHS[name] === plain)
}
