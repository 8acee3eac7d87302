import type { UIMessage as AiMessage } from 'ai'
import type { UIMessage } from '../../src/runtime/app/conversation/ui-message'

declare const ours: UIMessage[]
declare const theirs: AiMessage[]

/** Components written for AI SDK take our messages … */
export const shown: AiMessage[] = ours
/** … and messages that were stored by an app on AI SDK are good for ours. */
export const restored: UIMessage<unknown>[] = theirs
