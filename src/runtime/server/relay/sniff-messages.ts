import type { StreamError } from '../../shared/errors'
import type { Frame } from './frames'
import type { Sniffer, Verdict } from './sniff'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import { relayError } from './failures'
import { parseData, parseErrorField } from './frame-data'
import { createTypeReader } from './sniff-typed'
import { errorOfEvent, isObject, readUpstreamError } from './upstream-errors'

const readType = createTypeReader(['message_start', 'message_delta', 'message_stop', 'error', 'ping', 'keepalive'])

/** Anthropic Messages: the end is `message_stop`, the proof a `stop_reason`. */
export function createMessagesSniffer(): Sniffer {
  let stopReason: string | null = null
  let done = false
  let usage: Record<string, unknown> | null = null
  let error: StreamError | undefined

  return {
    look,
    get proven() { return done || stopReason !== null },
    get outcome() { return outcomeOfReason(stopReason, false) },
    get usage() { return toUsage(usage) },
    get error() { return error },
  }

  function look(frame: Frame): Verdict {
    if (frame.errorField) return fail(parseErrorField(frame.errorField))
    switch (readType(frame)) {
      case undefined: return 'forward'
      case 'ping': case 'keepalive': return 'idle'
      case 'error': return fail(parseData(frame))
      case 'message_start': return readStart(parseData(frame))
      case 'message_delta': return readDelta(parseData(frame))
      case 'message_stop':
        done = true
        return 'terminal'
    }
  }

  function readStart(message: unknown): Verdict {
    if (isObject(message) && isObject(message.message)) addUsage(message.message.usage)
    return 'forward'
  }

  function readDelta(message: unknown): Verdict {
    if (!isObject(message)) return 'forward'
    if (isObject(message.delta) && typeof message.delta.stop_reason === 'string') stopReason = message.delta.stop_reason
    addUsage(message.usage)
    return 'forward'
  }

  /** `[wire]` Usage is split over two events: merged by key, the later value wins. */
  function addUsage(part: unknown): void {
    if (isObject(part)) usage = { ...usage, ...part }
  }

  function fail(value: unknown): Verdict {
    const upstreamError = readUpstreamError(value)
    error = upstreamError ? errorOfEvent(upstreamError) : relayError('upstream_error')
    return 'error'
  }
}
