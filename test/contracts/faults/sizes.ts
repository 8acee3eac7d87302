import { giantEventAfter, gzipped } from '../../../src/runtime/testing'
import { broken, frames, sse } from './row'
import type { FaultRows } from './row'

/** What the relay of these rows takes. */
export const sizeLimits = { eventBytes: 64 * 1024, streamBytes: 2 * 1024 * 1024 }

/** What sockets and pipes hold on the way, above what was taken. */
const ON_THE_WAY = 8 * 1024 * 1024

/** Upstreams that send more than anybody wants. */
export const sizes: FaultRows = {
  'F17': {
    title: 'one event without an end',
    upstream: broken(giantEventAfter(2)),
    events: 2, error: 'event_too_large', outcome: 'failed', call: 'aborted', sentBytes: ON_THE_WAY,
  },
  'F17.first': {
    title: 'a first event without an end',
    upstream: broken(giantEventAfter(0)),
    status: 502, error: 'event_too_large', outcome: 'failed', call: 'aborted', sentBytes: ON_THE_WAY,
  },
  'F18': {
    title: 'small events without an end',
    upstream: () => sse(again(frames[1]!)),
    events: 'some', error: 'stream_limit', outcome: 'failed', call: 'aborted', sentBytes: ON_THE_WAY,
  },
  'F19': {
    title: 'a hundred thousand tiny events',
    upstream: () => sse([...Array.from({ length: 100 }, () => 'data: {}\n\n'.repeat(1000)), ...frames]),
    events: 100_005, outcome: 'complete',
  },
  'F33.bomb': {
    title: 'a gzip bomb',
    upstream: () => sse(again(`: ${'x'.repeat(64 * 1024)}\n\n`), gzipped()),
    error: 'stream_limit', status: 502, outcome: 'failed', call: 'aborted',
  },
}

function* again(chunk: string): Generator<string> {
  for (;;) yield chunk
}
