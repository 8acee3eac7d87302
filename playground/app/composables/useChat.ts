import type { UseConversationReturn } from 'nuxt-llm-stream/vue'
import type { InjectionKey } from 'vue'

const CHAT: InjectionKey<UseConversationReturn> = Symbol('chat')

/** Gives the conversation to the messages below. Not a prop, so that none of them renders when another one grows. */
export function provideChat(chat: UseConversationReturn): void {
  provide(CHAT, chat)
}

export function useChat(): UseConversationReturn {
  return inject(CHAT)!
}
