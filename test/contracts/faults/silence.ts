import { pingAfter, silence, stallAfter } from '../../../src/runtime/testing'
import type { BodyStep } from '../../../src/runtime/testing'
import { broken, frames, sse } from './row'
import type { FaultRows } from './row'

/** What the relay of these rows waits for; a heartbeat is due well within each. */
export const silenceTimeouts = { firstByte: 250, byteIdle: 250, eventIdle: 500, total: 1500, slowClient: 250, body: 500 }

/** Upstreams that stop talking without leaving. Silent runs are kept alive by heartbeats meanwhile. */
export const silences: FaultRows = {
  'F5': {
    title: 'silence after two events',
    upstream: broken(stallAfter(2)),
    events: 2, error: 'idle_timeout', fields: { status: 504, retryable: true }, outcome: 'failed', call: 'aborted',
  },
  'F5.finished': { title: 'silence after the finish reason', upstream: broken(stallAfter(4)), events: 4, outcome: 'complete', call: 'aborted' },
  'F6': {
    title: 'a head and then nothing, with heartbeats',
    upstream: broken(stallAfter(0)),
    error: 'upstream_timeout', fields: { status: 504 }, outcome: 'failed', call: 'aborted',
  },
  'F6.head': {
    title: 'not even a head',
    upstream: silence(),
    error: 'upstream_timeout', fields: { status: 504 }, outcome: 'failed', call: 'aborted',
  },
  'F7': {
    title: 'a byte now and then, and never an event',
    upstream: () => sse(everyFew(50, frames[0]!, 'data: x', 'x')),
    events: 1, error: 'idle_timeout', outcome: 'failed', call: 'aborted',
  },
  'F7.total': {
    title: 'an event now and then, for ever',
    upstream: () => sse(everyFew(100, frames[0]!, frames[1]!, frames[1]!)),
    events: 'some', error: 'total_timeout', fields: { status: 504 }, outcome: 'failed', call: 'aborted',
  },
  'F8': {
    title: 'nothing but pings',
    upstream: broken(pingAfter(2, { ms: 50 })),
    events: 2, error: 'idle_timeout', outcome: 'failed', call: 'aborted',
  },
}

/** The first chunks one after another, the last one again and again. */
function* everyFew(ms: number, ...chunks: string[]): Generator<BodyStep> {
  for (let turn = 0; ; turn++) {
    yield chunks[Math.min(turn, chunks.length - 1)]!
    yield { do: 'wait', ms }
  }
}
