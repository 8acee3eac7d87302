import { tap } from '../../../../src/runtime/server/dev/tap'
import type { ResolvedUpstream } from '../../../../src/runtime/server/relay/options'
import { createNodeTransport } from '../../../../src/runtime/server/relay/node/transport'
import type { Transport, TransportRequest } from '../../../../src/runtime/server/relay/transport'
import { describeTransport } from '../../../contracts/describe-transport'

/** Every request is taken for one of an upstream's, so that all of them are watched. */
function createTapped(): Transport {
  const transport = createNodeTransport()
  const upstreamOf = ({ url }: TransportRequest) => new Map([['default', { name: 'default', urls: { chat: url } } as ResolvedUpstream]])
  return {
    ...transport,
    open: (request, signal) => tap(transport, { upstreams: upstreamOf(request) } as never, [{}]).open(request, signal),
  }
}

describeTransport('tapped', createTapped, { aheadBytes: 12e6 })
