import { outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Judge, Verdict } from './findings'
import { findError } from './findings'
import { parseData } from './frame-data'
import type { Frame } from './frames'
import { createTypeReader } from './sniff-typed'
import { isObject } from '../../shared/protocols/json'

const readType = createTypeReader(['message_start', 'message_delta', 'message_stop', 'error', 'ping', 'keepalive'])

/** Anthropic Messages: the end is `message_stop`, the proof a `stop_reason`. */
export class MessagesJudge implements Judge {
  private usage: Record<string, unknown> | undefined

  constructor(private readonly findings: Findings) {}

  judge(frame: Frame): Verdict {
    const { findings } = this
    switch (readType(frame)) {
      case undefined: return 'forward'
      case 'ping': case 'keepalive': return 'idle'
      case 'error': return findError(findings, parseData(frame))
      case 'message_start': return this.readStart(parseData(frame))
      case 'message_delta': return this.readDelta(parseData(frame))
      case 'message_stop':
        findings.proven = true
        return 'terminal'
    }
  }

  private readStart(message: unknown): Verdict {
    if (isObject(message) && isObject(message.message)) this.addUsage(message.message.usage)
    return 'forward'
  }

  private readDelta(message: unknown): Verdict {
    const { findings } = this
    if (!isObject(message)) return 'forward'
    if (isObject(message.delta) && typeof message.delta.stop_reason === 'string') {
      findings.proven = true
      findings.outcome = outcomeOfReason(message.delta.stop_reason, false)
    }
    this.addUsage(message.usage)
    return 'forward'
  }

  /** `[wire]` Usage is split over two events: merged by key, the later count wins, and `null` is none. */
  private addUsage(part: unknown): void {
    if (!isObject(part)) return
    this.usage ??= Object.create(null) as Record<string, unknown> // no key of theirs means anything to it
    for (const [key, count] of Object.entries(part)) {
      if (count !== null) this.usage[key] = count
    }
    this.findings.usage = toUsage(this.usage)
  }
}
