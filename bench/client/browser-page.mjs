import { Chat } from '@ai-sdk/vue'
import { DefaultChatTransport } from 'ai'
import { createApp, defineComponent, h, nextTick, onUpdated } from 'vue'
import { useConversation } from '../.build/vue.js'
import { past } from './history.mjs'

/** A chat page, the same for everyone: one component for each message, which counts its own updates. */
const chats = {
  useConversation(history, fetch) {
    const { messages, send } = useConversation({ initialMessages: past(history), fetch })
    return { messages: () => messages.value, ask: () => send('Go') }
  },
  aiSdk(history, fetch) {
    const chat = new Chat({ messages: past(history), transport: new DefaultChatTransport({ fetch }) })
    return { messages: () => chat.messages, ask: () => chat.sendMessage({ text: 'Go' }) }
  },
}

const counts = { frames: 0, live: 0, past: 0, longest: 0, long: 0 }

const Message = defineComponent({
  props: { message: { type: Object, required: true }, live: Boolean },
  setup(props) {
    onUpdated(() => { counts[props.live ? 'live' : 'past']++ })
    return () => h('article', props.message.parts.map(part => part.type === 'text' ? h('p', part.text) : undefined))
  },
})

/** Shows one answer and gives what that took. `expected`: its text. */
window.measure = async ({ name, history, path, expected }) => {
  const atEnd = Promise.withResolvers()
  const { messages, ask } = chats[name](history, async (_, init) => {
    const response = await fetch(path, { method: 'POST', body: init.body, signal: init.signal })
    return new Response(watchEnd(response.body, onLastByte), { headers: response.headers })
  })
  const app = createApp(() => messages().map((message, index) => h(Message, { key: message.id, message, live: index > history })))
  app.mount('#app')
  const shown = () => document.querySelector('#app').lastElementChild?.textContent ?? ''

  /** Once one more frame is painted: how much it leaves out. */
  function onLastByte() {
    requestAnimationFrame(() => requestAnimationFrame(() => atEnd.resolve(expected.length - shown().length)))
  }

  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      counts.long++
      counts.longest = Math.max(counts.longest, duration)
    }
  })
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
  observer.observe({ entryTypes: ['longtask'] })
  let watching = true
  requestAnimationFrame(function count() {
    if (!watching) return
    counts.frames++
    requestAnimationFrame(count)
  })
  await ask()
  const left = await atEnd.promise
  watching = false
  await nextTick()
  if (shown() !== expected) throw new Error(`${name} shows ${shown().length} characters instead of ${expected.length}.`)
  return { ...counts, left }
}

/** Calls back when the last byte is read. */
function watchEnd(body, onEnd) {
  return body.pipeThrough(new TransformStream({ flush: onEnd }))
}
