import type { UIMessage as AiMessage } from 'ai'
import { z } from 'zod'
import { useConversation } from '../../src/runtime/app'
import type { UIMessage } from '../../src/runtime/app'

const { messages, status, send, setMessages } = useConversation({
  tools: {
    weather: {
      schema: z.object({ city: z.string() }),
      execute: async ({ city }, { callId, signal }) => fetch(`/weather/${city}?${callId}`, { signal }),
      approval: ({ city }) => city.length > 3,
    },
    plain: { schema: { type: 'object' }, execute: (input: { page: number }) => input.page },
    later: { description: 'Answered by addToolResult.' },
  },
})

// Chat components take messages and status as they are.
export const shown: AiMessage[] = messages.value
export const state: 'ready' | 'submitted' | 'streaming' | 'error' = status.value

// A part of a tool has the input of the tool's schema.
for (const part of messages.value.flatMap(({ parts }) => parts)) {
  if (part.type === 'tool-weather' && part.state === 'output-available') part.input.city.toUpperCase()
  // @ts-expect-error the schema knows no such key
  if (part.type === 'tool-weather' && part.state === 'output-available') void part.input.town
  // @ts-expect-error there is no such tool
  if (part.type === 'tool-wether') void part
}

void send('Hello?')
void send({ text: 'Look.', files: [new File([], 'a.png'), { type: 'file', mediaType: 'image/png', url: 'data:,' }] })
// @ts-expect-error words, files, or both
void send({ message: 'Hello?' })

// Messages of another library, or of a database, can be set; metadata may be of any kind.
declare const theirs: AiMessage[]
declare const ours: UIMessage[]
setMessages(theirs)
setMessages(known => [...known, ...ours])
useConversation({ initialMessages: theirs })

useConversation({ tools: { weather: {
  schema: z.object({ city: z.string() }),
  // @ts-expect-error the schema knows no such key
  execute: ({ town }) => town,
} } })
useConversation({ protocol: 'responses', toRequest: (messages, { toBody }) => ({ ...toBody(messages), previous_response_id: messages[0]?.metadata?.responseId ?? undefined }) })
// @ts-expect-error `input` is a string or a list
useConversation({ protocol: 'responses', toRequest: () => ({ input: 5 }) })
// @ts-expect-error a conversation is not started by being mounted
useConversation({ immediate: true })
