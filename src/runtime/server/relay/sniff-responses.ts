import type { Outcome } from '../../shared/outcome'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Look } from './findings'
import { findError } from './findings'
import { parseData, parseErrorField } from './frame-data'
import { createTypeReader } from './sniff-typed'
import { isObject } from './upstream-errors'

const readType = createTypeReader([
  'response.completed', 'response.incomplete', 'response.cancelled', 'response.failed', 'error',
  'response.output_item.added', 'keepalive', 'ping',
])

/** The Responses API: only a terminal proves anything. */
export function lookAtResponses(findings: Findings): Look {
  let hasCalls = false

  return (frame) => {
    if (frame.errorField) return findError(findings, parseErrorField(frame.errorField))
    const type = readType(frame)
    switch (type) {
      case undefined: return 'forward'
      case 'keepalive': case 'ping': return 'idle'
      case 'error': case 'response.failed': return findError(findings, parseData(frame))
      case 'response.output_item.added':
        hasCalls ||= isCall(parseData(frame))
        return 'forward'
    }
    const message = parseData(frame)
    const response = isObject(message) && isObject(message.response) ? message.response : {}
    findings.usage = toUsage(response.usage)
    findings.proven = true
    findings.outcome = outcomeOf(type, response)
    return 'terminal'
  }

  function outcomeOf(type: string, { incomplete_details: details }: Record<string, unknown>): Outcome {
    if (type === 'response.cancelled') return 'stopped'
    const reason = isObject(details) && typeof details.reason === 'string' ? details.reason : null
    return outcomeOfReason(type === 'response.incomplete' ? reason : null, hasCalls)
  }
}

function isCall(message: unknown): boolean {
  const type = isObject(message) && isObject(message.item) ? message.item.type : undefined
  return type === 'function_call' || type === 'custom_tool_call'
}
