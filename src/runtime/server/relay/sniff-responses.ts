import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { Frame } from './frames'
import type { Sniffer, Verdict } from './sniff'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import { relayError } from './failures'
import { parseData, parseErrorField } from './frame-data'
import { createTypeReader } from './sniff-typed'
import { errorOfEvent, isObject, readUpstreamError } from './upstream-errors'

const readType = createTypeReader([
  'response.completed', 'response.incomplete', 'response.cancelled', 'response.failed', 'error',
  'response.output_item.added', 'keepalive', 'ping',
])

/** The Responses API: only a terminal proves anything. */
export function createResponsesSniffer(): Sniffer {
  let proven = false
  let hasCalls = false
  let outcome: Outcome = 'complete'
  let usage: Usage | null = null
  let error: StreamError | undefined

  return {
    look,
    get proven() { return proven },
    get outcome() { return outcome },
    get usage() { return usage },
    get error() { return error },
  }

  function look(frame: Frame): Verdict {
    if (frame.errorField) return fail(parseErrorField(frame.errorField))
    const type = readType(frame)
    switch (type) {
      case undefined: return 'forward'
      case 'keepalive': case 'ping': return 'idle'
      case 'error': case 'response.failed': return fail(parseData(frame))
      case 'response.output_item.added': {
        const message = parseData(frame)
        const item = isObject(message) && isObject(message.item) ? message.item.type : undefined
        hasCalls ||= item === 'function_call' || item === 'custom_tool_call'
        return 'forward'
      }
    }
    const message = parseData(frame)
    const response = isObject(message) && isObject(message.response) ? message.response : {}
    usage = toUsage(response.usage)
    proven = true
    outcome = outcomeOf(type, response)
    return 'terminal'
  }

  function outcomeOf(type: string, { incomplete_details: details }: Record<string, unknown>): Outcome {
    if (type === 'response.cancelled') return 'stopped'
    const reason = isObject(details) && typeof details.reason === 'string' ? details.reason : null
    return outcomeOfReason(type === 'response.incomplete' ? reason : null, hasCalls)
  }

  function fail(value: unknown): Verdict {
    const upstreamError = readUpstreamError(value)
    error = upstreamError ? errorOfEvent(upstreamError) : relayError('upstream_error')
    return 'error'
  }
}
