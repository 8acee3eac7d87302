import type { Outcome } from '../../shared/outcome'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import { isObject } from '../../shared/protocols/json'
import { isCall } from './sniff-responses'

export interface JsonJudgement {
  outcome: Outcome
  usage: Usage | null
}

/** How a whole JSON answer (`stream: false`) ended, and what it took; for records. */
export function judgeJson(protocol: ProtocolName, body: Record<string, unknown>): JsonJudgement {
  return { outcome: OUTCOME_OF[protocol](body), usage: toUsage(body.usage) }
}

const OUTCOME_OF: Record<ProtocolName, (body: Record<string, unknown>) => Outcome> = {
  chat({ choices }) {
    const first: unknown = Array.isArray(choices) ? choices[0] : undefined
    const { finish_reason: reason, message } = isObject(first) ? first : {}
    const calls = isObject(message) ? message.tool_calls : undefined
    return outcomeOfReason(text(reason), Array.isArray(calls) && calls.length > 0)
  },
  responses({ status, incomplete_details: details, output }) {
    if (status === 'cancelled') return 'stopped'
    return outcomeOfReason(isObject(details) ? text(details.reason) : null, Array.isArray(output) && output.some(isCall))
  },
  messages: ({ stop_reason: reason }) => outcomeOfReason(text(reason), false),
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
