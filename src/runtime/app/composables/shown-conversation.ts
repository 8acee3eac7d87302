import { effectScope, markRaw, shallowRef, toRaw, toValue, unref, warn, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { createConversation } from '../conversation/conversation'
import type { Conversation } from '../conversation/conversation'
import type { ConversationState } from '../conversation/host'
import { emptyConversation } from '../conversation/host'
import { loadToBody, toToolsBody } from '../conversation/request'
import type { ToBody } from '../conversation/request'
import { askAgain } from '../conversation/tools'
import type { UIMessage } from '../conversation/ui-message'
import type { KeyedState } from '../keyed'
import type { LlmStream } from '../llm-stream'
import { callHook } from '../run/hooks'
import { toStatus } from '../run/snapshot'
import type { ToolSchemas, UseConversationOptions } from './conversation-options'
import { whenLeft } from './left'
import { createReport } from './report'
import { openStream } from './shown'
import type { UseStreamOptions } from './stream-options'

/** A conversation and the one ref that it is shown by: what components of the same id share. */
export interface ShownConversation extends KeyedState {
  conversation: Conversation
  state: Readonly<ShallowRef<ConversationState>>
  /** Whether an answer was under way when the page was left. */
  remembers: () => boolean
  use: (options: Options) => void
}

type Options = UseConversationOptions<ToolSchemas, ProtocolName>

/** `saved`: the messages that were set on the server. */
export function createShownConversation(options: Options, context: LlmStream, saved: unknown): ShownConversation {
  const { id, initialMessages = [] } = options
  let current = options
  const toStreamOptions = ({ onToolCall, ...own }: Options) => ({
    ...own,
    concurrency: 'replace',
    key: id && `conversation:${id}`,
    onToolCall: onToolCall && (call => onToolCall(conversation.named(call))),
  }) as UseStreamOptions<unknown, ProtocolName> // there is no object to have a type
  // Of its own, since a conversation with an `id` outlives the component that happens to be its first.
  const scope = effectScope(true)
  const { shown, leave } = openStream(toStreamOptions(options), context)
  const { stream, snapshot, memory } = shown
  const messages = saved as UIMessage[] | undefined ?? initialMessages as readonly UIMessage[]
  const tools = () => toValue(current.tools) ?? {}
  const state = shallowRef(emptyConversation(askAgain(messages, tools).map(seal)))
  const active = typeof document !== 'undefined'
  const report = createReport(context, 'useConversation')

  const conversation = createConversation({
    active,
    toBody: messages => toBody(messages, current),
    stream,
    tools,
    maxSteps: () => toValue(current.maxSteps) ?? 8,
    concurrency: () => toValue(current.concurrency) ?? 'replace',
    state,
    live,
    seal,
    persist: messages => callHook(current.persist, messages, report),
    warn,
  })

  if (active) {
    const parts = () => snapshot.value.result.choices[0]!.parts // there is always a first choice
    const status = () => toStatus(snapshot.value.phase)
    scope.run(() => {
      whenLeft(() => stream.id() ?? conversation.stop())
      watch([parts, status], ([parts, status]) => {
        const over = status === 'ready' || status === 'error'
        conversation.progress(parts, over ? snapshot.value.result : undefined)
      }, { flush: 'sync' })
    })
  }

  return {
    conversation,
    state,
    remembers: () => memory?.read() !== undefined,
    use(options) {
      current = options
      shown.options = toStreamOptions(options)
    },
    dispose() {
      conversation.stop()
      scope.stop()
      leave()
    },
    save: () => state.value.messages.length > 0 ? state.value.messages : undefined,
  }
}

/** The body of a request: tools first, so that the app's own `toRequest` may replace them. */
function toBody(messages: UIMessage[], { protocol: named, tools, body, toRequest }: Options): object | Promise<object> {
  const protocol = toValue(named) ?? 'chat'
  const declared = toToolsBody(protocol, toValue(tools) ?? {}, unref(toValue(body)?.tools))
  const write = (toBody: ToBody) => toRequest ? toRequest(messages, { protocol, toBody }) : toBody(messages)
  const add = (own: object) => ({ ...declared, ...own })
  const toBody = loadToBody(protocol)
  if (toBody instanceof Promise) return toBody.then(write).then(add)
  const own = write(toBody)
  return own instanceof Promise ? own.then(add) : add(own)
}

/** A message that grows: whoever reads its parts hears of others. No proxy, which could be neither cloned nor stored. */
function live(message: UIMessage): UIMessage {
  const own = shallowRef(message)
  return {
    ...message,
    get parts() { return own.value.parts },
    set parts(parts) { own.value = { ...own.value, parts } },
    get metadata() { return own.value.metadata },
    set metadata(metadata) { own.value = { ...own.value, metadata } },
  }
}

/** Deep watchers, such as that of a list that scrolls along, skip what is raw. */
function seal(message: UIMessage): UIMessage {
  const { id, role, parts, metadata } = toRaw(message)
  const frozen = Object.freeze([...toRaw(parts)]) as UIMessage['parts'] // mutable for those who take AI SDK's type
  return Object.freeze(markRaw({ id, role, parts: frozen, ...(metadata && { metadata }) }))
}
