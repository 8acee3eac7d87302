import { createFetchTransport } from '../../../src/runtime/server/relay/web/fetch-transport'
import { describeTransport } from '../../contracts/describe-transport'

describeTransport('fetch', createFetchTransport, { aheadBytes: 12e6 })
