import type { Outcome } from '../../shared/outcome'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Judge, Verdict } from './findings'
import { findError } from './findings'
import { parseData } from './frame-data'
import type { Frame } from './frames'
import { createTypeReader } from './sniff-typed'
import { isObject, textOf } from '../../shared/protocols/json'

const readType = createTypeReader([
  'response.completed', 'response.incomplete', 'response.cancelled', 'response.done', 'response.failed', 'error',
  'response.output_item.added', 'response.output_item.done', 'keepalive', 'ping',
])

/** The Responses API: only a terminal proves anything. */
export class ResponsesJudge implements Judge {
  private hasCalls = false

  constructor(private readonly findings: Findings) {}

  judge(frame: Frame): Verdict {
    const type = readType(frame)
    switch (type) {
      case undefined: return 'forward'
      case 'keepalive': case 'ping': return 'idle'
      case 'error': case 'response.failed': return findError(this.findings, parseData(frame))
      case 'response.output_item.added': case 'response.output_item.done':
        this.noteCalls(parseData(frame))
        return 'forward'
    }
    return this.conclude(type, parseData(frame))
  }

  private noteCalls(message: unknown): void {
    this.hasCalls ||= isObject(message) && isCall(message.item)
    if (this.hasCalls) this.findings.outcome = 'tool-calls'
  }

  private conclude(type: string, message: unknown): Verdict {
    const { findings } = this
    const response = isObject(message) && isObject(message.response) ? message.response : {}
    if (response.status === 'failed') return findError(findings, message)
    findings.usage = toUsage(response.usage)
    findings.outcome = this.outcomeOf(type, response)
    findings.proven = true
    return 'terminal'
  }

  private outcomeOf(type: string, { status, output, incomplete_details: details }: Record<string, unknown>): Outcome {
    if (type === 'response.cancelled' || status === 'cancelled') return 'stopped'
    this.hasCalls ||= Array.isArray(output) && output.some(isCall)
    return outcomeOfReason(isObject(details) ? textOf(details.reason) : null, this.hasCalls)
  }
}

/** An item that the app has to answer. */
export function isCall(item: unknown): boolean {
  return isObject(item) && (item.type === 'function_call' || item.type === 'custom_tool_call')
}
