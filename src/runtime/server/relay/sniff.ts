import type { ProtocolName } from '../../shared/wire'
import type { Findings, Look } from './findings'
import { noFindings } from './findings'
import { lookAtChat } from './sniff-chat'
import { lookAtMessages } from './sniff-messages'
import { lookAtResponses } from './sniff-responses'

/** What the relay understands of an answer. It parses only events that can say how it ends, goes wrong or counts tokens. */
export interface Sniffer {
  look: Look
  readonly findings: Readonly<Findings>
}

const LOOKS: Record<ProtocolName, (findings: Findings) => Look> = {
  chat: lookAtChat,
  responses: lookAtResponses,
  messages: lookAtMessages,
}

export function createSniffer(protocol: ProtocolName): Sniffer {
  const findings = noFindings()
  return { look: LOOKS[protocol](findings), findings }
}
