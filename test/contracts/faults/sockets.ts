import { hangUp, inTurn } from '../../../src/runtime/testing'
import { hello, raw } from './row'
import type { FaultRows } from './row'

/**
 * What only a transport with sockets of its own gets right. Each row before leaves a connection that is kept; when that is found
 * closed, the call is made once more, which counts as none.
 */
export const sockets: FaultRows = {
  'F36': {
    title: '100 and 103 before the answer',
    upstream: raw('HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nlink: </x>\n\nHTTP/1.1 200 OK\ncontent-type: text/event-stream\nconnection: close'),
    events: 5, outcome: 'complete',
  },
  'F34': { title: 'a kept connection that closes', upstream: inTurn(hangUp(), hello), events: 5, outcome: 'complete', calls: 2, attempts: 1 },
  'F34.again': {
    title: 'a kept connection that closes, and a new one that does too',
    upstream: inTurn(hangUp(), hangUp(), hello),
    events: 5, outcome: 'complete', calls: 3, attempts: 2,
  },
}
