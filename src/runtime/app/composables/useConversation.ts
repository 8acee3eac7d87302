import { nextTick, onScopeDispose, toValue } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { useLlmStream } from '../llm-stream'
import type { ToolSchemas, UseConversationOptions, UseConversationReturn } from './conversation-options'
import { whenMounted } from './mounted'
import { createShownConversation } from './shown-conversation'
import { untracked } from './untracked'
import { toViews } from './views'

/**
 * Holds a conversation with a language model: messages that chat components take as they are, tools, and a history that
 * costs nothing while an answer grows. It stands on `useStream` and has its rules: nothing runs on the server, verbs never
 * reject, an answer ends with the component that uses it.
 *
 * @example
 * const { messages, status, send, stop } = useConversation({
 *   tools: { time: { description: 'Tells the time.', execute: () => new Date().toISOString() } },
 * })
 */
export function useConversation<TSchemas extends ToolSchemas = ToolSchemas, TProtocol extends ProtocolName = 'chat'>(
  options: UseConversationOptions<TSchemas, TProtocol> = {},
): UseConversationReturn<TSchemas> {
  const { id, keepAlive } = options
  const context = useLlmStream()
  // What a conversation does does not depend on the types of its tools and its body.
  const untyped = options as unknown as UseConversationOptions<ToolSchemas, ProtocolName>
  const { state: shown, leave } = context.keyed.acquire(
    id && `conversation:${id}`,
    saved => createShownConversation(untyped, context, saved),
    state => state.use(untyped),
  )
  onScopeDispose(() => leave(keepAlive), true)
  const { state, conversation, remembers } = shown
  whenMounted(async () => {
    await nextTick() // what the page stored is set when it is mounted: the answer goes on behind it
    if (toValue(options.resume) && remembers()) void conversation.resume()
  })
  const { progress, named, ...verbs } = conversation
  // Parts of tools have the types of their schemas.
  return { ...toViews(() => state.value), ...untracked(verbs) } as unknown as UseConversationReturn<TSchemas>
}
