import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Look, Verdict } from './findings'
import { findError } from './findings'
import { parseData } from './frame-data'
import { createTypeReader } from './sniff-typed'
import { isObject } from '../../shared/protocols/json'

const readType = createTypeReader(['message_start', 'message_delta', 'message_stop', 'error', 'ping', 'keepalive'])

/** Anthropic Messages: the end is `message_stop`, the proof a `stop_reason`. */
export function lookAtMessages(findings: Findings): Look {
  let usage: Record<string, unknown> | undefined

  return (frame) => {
    switch (readType(frame)) {
      case undefined: return 'forward'
      case 'ping': case 'keepalive': return 'idle'
      case 'error': return findError(findings, parseData(frame))
      case 'message_start': return readStart(parseData(frame))
      case 'message_delta': return readDelta(parseData(frame))
      case 'message_stop':
        findings.proven = true
        return 'terminal'
    }
  }

  function readStart(message: unknown): Verdict {
    if (isObject(message) && isObject(message.message)) addUsage(message.message.usage)
    return 'forward'
  }

  function readDelta(message: unknown): Verdict {
    if (!isObject(message)) return 'forward'
    if (isObject(message.delta) && typeof message.delta.stop_reason === 'string') {
      findings.proven = true
      findings.outcome = outcomeOfReason(message.delta.stop_reason, false)
    }
    addUsage(message.usage)
    return 'forward'
  }

  /** `[wire]` Usage is split over two events: merged by key, the later count wins, and `null` is none. */
  function addUsage(part: unknown): void {
    if (!isObject(part)) return
    usage = { ...usage, ...Object.fromEntries(Object.entries(part).filter(([, count]) => count !== null)) }
    findings.usage = toUsage(usage)
  }
}
