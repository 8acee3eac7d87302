import type { ProtocolName } from '../../shared/wire'
import { ERROR_FRAME } from '../../shared/wire'
import type { Findings, Judge, Verdict } from './findings'
import { findError, noFindings } from './findings'
import type { Frame } from './frames'
import { isDone } from './frame-fields'
import { asciiBytes, hasName, parseData } from './frame-data'
import { ChatJudge } from './sniff-chat'
import { MessagesJudge } from './sniff-messages'
import { ResponsesJudge } from './sniff-responses'
import { parseJson } from './upstream-errors'

const ERROR_NAME = asciiBytes(ERROR_FRAME)

const JUDGES: Record<ProtocolName, new (findings: Findings) => Judge> = {
  chat: ChatJudge,
  responses: ResponsesJudge,
  messages: MessagesJudge,
}

/** What the relay understands of an answer. It parses only events that can say how it ends, goes wrong or counts tokens. */
export class Sniffer implements Judge {
  readonly findings = noFindings()
  private readonly inner: Judge

  constructor(protocol: ProtocolName) {
    this.inner = new JUDGES[protocol](this.findings)
  }

  judge(frame: Frame): Verdict {
    const { findings } = this
    if (frame.errorField) return findError(findings, parseJson(frame.errorField))
    if (hasName(frame, ERROR_NAME)) return findError(findings, parseData(frame))
    if (!isDone(frame)) return this.inner.judge(frame)
    // [wire] Some gateways close every protocol with it.
    findings.proven = true
    return 'terminal'
  }
}
