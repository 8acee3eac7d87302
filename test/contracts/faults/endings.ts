import { cutAfter, endAfter, gzipped, halfFrameAfter, resetAfter, trickle } from '../../../src/runtime/testing'
import { broken, frames, raw, sse } from './row'
import type { FaultRows } from './row'

/** How a body may end, and how it may be cut. */
export const endings: FaultRows = {
  'F1': {
    title: 'a reset in the middle',
    upstream: broken(resetAfter(2)),
    events: 2, error: 'upstream_reset', fields: { retryable: true, status: 502 }, outcome: 'failed', call: 'broken',
  },
  'F1.finished': { title: 'a reset after the finish reason', upstream: broken(resetAfter(4)), events: 4, outcome: 'complete', call: 'broken' },
  'F2': {
    title: 'a connection that closes within a chunk',
    upstream: broken(cutAfter(2)),
    events: 2, error: 'upstream_reset', outcome: 'failed', call: 'broken',
  },
  'F2.event': {
    title: 'a body that ends within an event',
    upstream: broken(halfFrameAfter(2)),
    events: 2, error: 'upstream_truncated', outcome: 'truncated',
  },
  'F3': {
    title: 'a clean end without terminal and finish reason',
    upstream: broken(endAfter(2)),
    events: 2, error: 'upstream_truncated', fields: { retryable: true }, outcome: 'truncated',
  },
  'F4': { title: 'a clean end with a finish reason and no [DONE]', upstream: broken(endAfter(4)), events: 4, outcome: 'complete' },
  'F4.choices': {
    title: 'a clean end with one of two choices finished',
    upstream: sse([
      'data: {"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}\n\n',
      'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    ]),
    events: 2, error: 'upstream_truncated', outcome: 'truncated',
  },
  'F16': { title: 'every byte in a chunk of its own', upstream: broken(trickle()), events: 5, outcome: 'complete' },
  'F16.crlf': {
    title: 'CRLF split between chunks',
    upstream: sse(frames.map(frame => frame.replaceAll('\n', '\r\n')), trickle()),
    events: 5, outcome: 'complete',
  },
  'F16.character': {
    title: 'an end within a character',
    upstream: sse([frames[0]!, Buffer.from('data: {"choices":[{"delta":{"content":"你').subarray(0, -1)]),
    events: 1, error: 'upstream_truncated', outcome: 'truncated',
  },
  'F21': { title: 'data after [DONE]', upstream: sse([frames.join('') + frames[1]]), events: 5, outcome: 'complete' },
  'F21.twice': { title: 'two [DONE]', upstream: sse([...frames, frames.at(-1)!]), events: 5, outcome: 'complete' },
  'F21.unfinished': {
    title: 'no blank line after [DONE]',
    upstream: sse([...frames.slice(0, -1), 'data: [DONE]']),
    events: 5, outcome: 'complete',
  },
  'F21.space': {
    title: 'no space before [DONE]',
    upstream: sse([...frames.slice(0, -1), 'data:[DONE]\n\n']),
    events: 5, outcome: 'complete',
  },
  'F21.open': {
    title: 'a connection that stays open after [DONE]',
    upstream: sse([...frames, { do: 'stall' }]),
    events: 5, outcome: 'complete', call: 'aborted',
  },
  'F33': { title: 'gzip that nobody asked for', upstream: broken(gzipped()), events: 5, outcome: 'complete' },
  'F33.cut': {
    title: 'gzip that is cut off',
    upstream: sse([...frames.slice(0, 2), { do: 'wait', ms: 30 }, { do: 'cut' }], gzipped()),
    events: 2, error: 'upstream_reset', outcome: 'failed', call: 'broken',
  },
  'F33.corrupt': {
    title: 'bytes that are no gzip',
    upstream: { headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }, body: frames },
    status: 502, error: 'upstream_reset', outcome: 'failed',
  },
  'F35': {
    title: 'HTTP/1.0 without a length',
    upstream: raw('HTTP/1.0 200 OK\ncontent-type: text/event-stream'),
    events: 5, outcome: 'complete',
  },
  'F35.truncated': {
    title: 'HTTP/1.0 that ends early',
    upstream: raw('HTTP/1.1 200 OK\ncontent-type: text/event-stream\nconnection: close', frames.slice(0, 2).join('')),
    events: 2, error: 'upstream_truncated', outcome: 'truncated',
  },
}
