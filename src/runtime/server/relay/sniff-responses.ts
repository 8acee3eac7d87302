import type { Outcome } from '../../shared/outcome'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Look } from './findings'
import { findError } from './findings'
import { parseData } from './frame-data'
import { createTypeReader } from './sniff-typed'
import { isObject, textOf } from '../../shared/protocols/json'

const readType = createTypeReader([
  'response.completed', 'response.incomplete', 'response.cancelled', 'response.done', 'response.failed', 'error',
  'response.output_item.added', 'response.output_item.done', 'keepalive', 'ping',
])

/** The Responses API: only a terminal proves anything. */
export function lookAtResponses(findings: Findings): Look {
  let hasCalls = false

  return (frame) => {
    const type = readType(frame)
    switch (type) {
      case undefined: return 'forward'
      case 'keepalive': case 'ping': return 'idle'
      case 'error': case 'response.failed': return findError(findings, parseData(frame))
      case 'response.output_item.added': case 'response.output_item.done':
        noteCalls(parseData(frame))
        return 'forward'
    }
    const message = parseData(frame)
    const response = isObject(message) && isObject(message.response) ? message.response : {}
    if (response.status === 'failed') return findError(findings, message)
    findings.usage = toUsage(response.usage)
    findings.outcome = outcomeOf(type, response)
    findings.proven = true
    return 'terminal'
  }

  function noteCalls(message: unknown): void {
    hasCalls ||= isObject(message) && isCall(message.item)
    if (hasCalls) findings.outcome = 'tool-calls'
  }

  function outcomeOf(type: string, { status, output, incomplete_details: details }: Record<string, unknown>): Outcome {
    if (type === 'response.cancelled' || status === 'cancelled') return 'stopped'
    hasCalls ||= Array.isArray(output) && output.some(isCall)
    return outcomeOfReason(isObject(details) ? textOf(details.reason) : null, hasCalls)
  }
}

/** An item that the app has to answer. */
export function isCall(item: unknown): boolean {
  return isObject(item) && (item.type === 'function_call' || item.type === 'custom_tool_call')
}
