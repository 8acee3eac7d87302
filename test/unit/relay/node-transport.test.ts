import { createNodeTransport } from '../../../src/runtime/server/relay/node/transport'
import { describeTransport } from '../../contracts/describe-transport'

// What loopback's socket buffers and Node's own take.
describeTransport('Node', createNodeTransport, { aheadBytes: 12e6 })
