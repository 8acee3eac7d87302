import { effectScope, shallowRef, watch } from 'vue'
import { past } from './history.mjs'

/**
 * Each reads one answer through its own public entry, with one synchronous watcher on the text that is shown, and gives that
 * text. `dialect`: the wire that it reads. `slow`: it takes a timer per chunk, so that fewer deltas are enough.
 */
export const contestants = {
  limit: { label: 'limit: read, eventsource-parser, JSON.parse, append to a ref', dialect: 'chat', run: runLimit },
  handwritten: { label: 'hand-written: read, split lines, JSON.parse, append to a ref', dialect: 'chat', run: runHandwritten },
  useStream: { label: 'useStream', dialect: 'chat', run: runUseStream },
  useStreamSync: { label: 'useStream, publish: sync', dialect: 'chat', run: ({ fetch }) => runUseStream({ fetch, publish: 'sync' }) },
  useConversation: { label: 'useConversation', dialect: 'chat', history: true, run: runUseConversation },
  aiSdk: { label: 'AI SDK Vue Chat', dialect: 'ui', history: true, run: runAiSdk },
  tanstack: { label: 'TanStack AI Vue useChat', dialect: 'agui', history: true, slow: true, run: runTanstack },
  pieces: { dialect: 'chat', run: runUseStream },
  tool: { dialect: 'tool', run: runToolCall },
  object: { dialect: 'chat', run: runObject },
}

/** Looks at a text whenever it changes. */
function look(source) {
  let seen = ''
  watch(source, (text) => { seen = text }, { flush: 'sync' })
  return () => seen
}

async function runLimit({ fetch }) {
  const { createParser } = await import('eventsource-parser')
  const text = shallowRef('')
  const seen = look(text)
  const reader = (await fetch('/')).body.getReader()
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return
      const delta = JSON.parse(data).choices[0]?.delta?.content
      if (delta) text.value += delta
    },
  })
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return seen()
    parser.feed(decoder.decode(value, { stream: true }))
  }
}

async function runHandwritten({ fetch }) {
  const text = shallowRef('')
  const seen = look(text)
  const reader = (await fetch('/')).body.getReader()
  const decoder = new TextDecoder()
  let buffer = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return seen()
    buffer += decoder.decode(value, { stream: true })
    const lines = buffer.split('\n')
    buffer = lines.pop()
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue
      const data = line.slice(6)
      if (data === '[DONE]') return seen()
      text.value += JSON.parse(data).choices[0]?.delta?.content ?? ''
    }
  }
}

async function runUseStream({ fetch, publish }) {
  const { useStream } = await import('../.build/vue.js')
  const scope = effectScope()
  return scope.run(async () => {
    const { text, start } = useStream({ fetch, publish })
    const seen = look(text)
    await start('Go')
    scope.stop()
    return seen()
  })
}

async function runToolCall({ fetch }) {
  const { useStream } = await import('../.build/vue.js')
  const { toolCalls, start } = useStream({ fetch })
  watch(toolCalls, () => {}, { flush: 'sync' })
  await start('Go')
  return toolCalls.value[0].arguments
}

async function runObject({ fetch }) {
  const { useStream } = await import('../.build/vue.js')
  const schema = {
    '~standard': { version: 1, vendor: 'bench', validate: value => ({ value }), jsonSchema: { input: () => ({ type: 'object' }) } },
  }
  const { object, text, start } = useStream({ fetch, schema })
  watch(object, () => {}, { flush: 'sync' })
  await start('Go')
  return object.value.notes.length > 0 ? text.value : ''
}

async function runUseConversation({ fetch, history }) {
  const { useConversation } = await import('../.build/vue.js')
  const scope = effectScope()
  return scope.run(async () => {
    const initialMessages = past(history)
    const { messages, send } = useConversation({ fetch, initialMessages })
    const seen = look(() => messages.value.length > history + 1 ? textOf(messages.value.at(-1)) : '')
    await send('Go')
    scope.stop()
    return seen()
  })
}

async function runAiSdk({ fetch, history }) {
  const [{ Chat }, { DefaultChatTransport }] = await Promise.all([import('@ai-sdk/vue'), import('ai')])
  const chat = new Chat({ messages: past(history), transport: new DefaultChatTransport({ fetch }) })
  const seen = look(() => chat.messages.length > history + 1 ? textOf(chat.messages.at(-1)) : '')
  await chat.sendMessage({ text: 'Go' })
  return seen()
}

async function runTanstack({ fetch, history }) {
  const { useChat, fetchServerSentEvents } = await import('@tanstack/ai-vue')
  const initialMessages = past(history).map(({ parts, ...message }) => ({ ...message, parts: [{ type: 'text', content: parts[0].text }] }))
  const scope = effectScope()
  return scope.run(async () => {
    const { messages, sendMessage } = useChat({ initialMessages, connection: fetchServerSentEvents('/', { fetchClient: fetch }) })
    const seen = look(() => messages.value.length > history + 1 ? messages.value.at(-1).parts.map(({ content }) => content).join('') : '')
    await sendMessage('Go')
    scope.stop()
    return seen()
  })
}

const textOf = message => message.parts.map(part => part.type === 'text' ? part.text : '').join('')
