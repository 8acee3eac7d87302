import type { ProtocolName } from '../../shared/wire'
import { ERROR_FRAME } from '../../shared/wire'
import type { Findings, Look, Verdict } from './findings'
import { findError, noFindings } from './findings'
import type { Frame } from './frames'
import { isDone } from './frame-fields'
import { asciiBytes, hasName, parseData } from './frame-data'
import { lookAtChat } from './sniff-chat'
import { lookAtMessages } from './sniff-messages'
import { lookAtResponses } from './sniff-responses'
import { parseJson } from './upstream-errors'

/** What the relay understands of an answer. It parses only events that can say how it ends, goes wrong or counts tokens. */
export interface Sniffer {
  look: Look
  readonly findings: Readonly<Findings>
}

const ERROR_NAME = asciiBytes(ERROR_FRAME)

const LOOKS: Record<ProtocolName, (findings: Findings) => Look> = {
  chat: lookAtChat,
  responses: lookAtResponses,
  messages: lookAtMessages,
}

export function createSniffer(protocol: ProtocolName): Sniffer {
  const findings = noFindings()
  const lookCloser = LOOKS[protocol](findings)
  return { look, findings }

  function look(frame: Frame): Verdict {
    if (frame.errorField) return findError(findings, parseJson(frame.errorField))
    if (hasName(frame, ERROR_NAME)) return findError(findings, parseData(frame))
    if (!isDone(frame)) return lookCloser(frame)
    // [wire] Some gateways close every protocol with it.
    findings.proven = true
    return 'terminal'
  }
}
