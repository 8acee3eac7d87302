import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, effectScope, h, nextTick, ref, watch, watchEffect } from 'vue'
import { createLlmStream, useConversation } from '../../src/runtime/app'
import type { UIMessage, UseConversationOptions, UseConversationReturn } from '../../src/runtime/app'
import { createLiveFetch } from '../support/live-fetch'

const mounted: { unmount: () => void }[] = []
afterEach(() => { for (const wrapper of mounted.splice(0)) wrapper.unmount() })

function converse(options: UseConversationOptions = {}) {
  const { fetch, calls } = createLiveFetch()
  let chat!: UseConversationReturn
  const wrapper = mount(defineComponent(() => {
    chat = useConversation({ fetch, publish: 'sync', ...options })
    return () => h('p', chat.status.value)
  }))
  mounted.push(wrapper)
  return { chat, calls, wrapper }
}

/** What is said, by whom, in a form that is quick to read. */
function said({ messages }: UseConversationReturn): string[] {
  return messages.value.map(({ role, parts }) => `${role}: ${textOf(parts)}`)
}

function textOf(parts: UIMessage['parts']): string {
  return parts.map(part => part.type === 'text' ? part.text : '').join('')
}

const user = (id: string, text: string): UIMessage => ({ id, role: 'user', parts: [{ type: 'text', text }] })
const assistant = (id: string, text: string): UIMessage => ({ id, role: 'assistant', parts: [{ type: 'text', text }] })
const history = [user('u1', 'One?'), assistant('a1', 'One.'), user('u2', 'Two?'), assistant('a2', 'Two.')]

describe('a message', () => {
  it('is sent with what was said before, and answered in a message of its own', async () => {
    const { chat, calls } = converse()
    const first = chat.send('Hello?')
    expect(chat.status.value).toBe('submitted')
    expect(said(chat)).toEqual(['user: Hello?'])
    expect(calls[0]!.body).toMatchObject({ messages: [{ role: 'user', content: 'Hello?' }], stream: true })
    calls[0]!.emit('Hel')
    await flushPromises()
    expect(chat.status.value).toBe('streaming')
    expect(said(chat)).toEqual(['user: Hello?', 'assistant: Hel'])
    calls[0]!.emit('lo.')
    calls[0]!.finish()
    expect(await first).toMatchObject({ outcome: 'complete', text: 'Hello.' })
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' }, error: { value: null } })

    void chat.send('And?')
    expect(calls[1]!.body.messages).toEqual([
      { role: 'user', content: 'Hello?' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'And?' },
    ])
  })

  it('is shown by one list until it has settled, and is plain, raw and frozen after', async () => {
    const { chat, calls } = converse({ initialMessages: history })
    void chat.send('Three?')
    calls[0]!.emit('Th')
    await flushPromises()
    const list = chat.messages.value
    const live = list.at(-1)!
    const parts = live.parts
    calls[0]!.emit('ree')
    await flushPromises()
    expect(chat.messages.value).toBe(list)
    expect(live.parts).not.toBe(parts)
    expect(textOf(live.parts)).toBe('Three')
    expect(structuredClone(list).at(-1)).toEqual(live)

    calls[0]!.finish()
    await flushPromises()
    const settled = chat.messages.value.at(-1)!
    expect(chat.messages.value).not.toBe(list)
    expect(chat.messages.value.slice(0, -1)).toEqual(list.slice(0, -1))
    expect(settled.id).toBe(live.id)
    expect(Object.isFrozen(settled)).toBe(true)
    expect(structuredClone(settled)).toEqual(settled)
    expect(settled.metadata).toMatchObject({ outcome: 'complete', finishReason: 'stop' })
  })

  it('is followed by deep watchers while it grows', async () => {
    const { chat, calls } = converse()
    void chat.send('Hello?')
    const heard: string[] = []
    const scope = effectScope()
    scope.run(() => watch(chat.messages, messages => heard.push(textOf(messages.at(-1)!.parts)), { deep: true, flush: 'sync' }))
    for (const text of ['a', 'b']) {
      calls[0]!.emit(text)
      await flushPromises()
    }
    expect(heard).toEqual(['a', 'ab'])
    scope.stop()
  })

  it('is skipped by deep watchers once it has settled', async () => {
    const read = vi.fn(() => 'Hello?')
    const part = Object.defineProperty({ type: 'text' }, 'text', { get: read, enumerable: true }) as UIMessage['parts'][number]
    const { chat } = converse({ initialMessages: [{ id: 'x', role: 'user', parts: [part] }] })
    const scope = effectScope()
    scope.run(() => watch(chat.messages, () => {}, { deep: true, immediate: true }))
    expect(read).not.toHaveBeenCalled()
    scope.stop()
  })

  it('has words or files', async () => {
    const { chat, calls } = converse()
    expect(await chat.send('')).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request' } })
    expect(await chat.send(new Event('click') as never)).toMatchObject({ error: { code: 'invalid_request' } })
    expect(chat.status.value).toBe('error')
    expect(calls).toHaveLength(0)
  })

  it('carries files as data URLs, those without a type by what is in them', async () => {
    const { chat, calls } = converse()
    const binary = new File([new Uint8Array([0, 255])], 'a.bin')
    void chat.send({ text: 'Look.', files: [new File(['png'], 'a.png', { type: 'image/png' }), new File(['let a'], 'a.ts'), binary] })
    expect(chat.status.value).toBe('submitted')
    await vi.waitFor(() => expect(calls).toHaveLength(1))
    expect(chat.messages.value[0]!.parts).toEqual([
      { type: 'file', mediaType: 'image/png', filename: 'a.png', url: `data:image/png;base64,${btoa('png')}` },
      { type: 'file', mediaType: 'text/plain', filename: 'a.ts', url: `data:text/plain;base64,${btoa('let a')}` },
      { type: 'file', mediaType: 'application/octet-stream', filename: 'a.bin', url: 'data:application/octet-stream;base64,AP8=' },
      { type: 'text', text: 'Look.' },
    ])
  })

  it('fails without a trace when a file cannot be read', async () => {
    const { chat, calls } = converse()
    const file = new File(['a'], 'a.txt')
    file.arrayBuffer = () => Promise.reject(new Error('gone'))
    expect(await chat.send({ text: 'Look.', files: [file] })).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request', message: expect.stringContaining('gone') } })
    expect(chat.messages.value).toEqual([])
    expect(calls).toHaveLength(0)
  })
})

describe('failure', () => {
  it('stays with the message that it belongs to, and its text stays', async () => {
    const { chat, calls } = converse()
    void chat.send('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    calls[0]!.fail()
    await flushPromises()
    expect(said(chat)).toEqual(['user: Hello?', 'assistant: Hel'])
    expect(chat.messages.value[1]).toMatchObject({
      parts: [{ type: 'step-start' }, { type: 'text', text: 'Hel', state: 'done' }],
      metadata: { outcome: 'failed', error: { code: 'network_error' } },
    })
    expect(chat).toMatchObject({ status: { value: 'error' }, outcome: { value: 'failed' }, error: { value: { code: 'network_error', retryable: true } } })
  })

  it('leaves no message where nothing came, and regenerate asks again', async () => {
    const { chat, calls } = converse()
    void chat.send('Hello?')
    calls[0]!.fail()
    await flushPromises()
    expect(said(chat)).toEqual(['user: Hello?'])
    expect(chat.status.value).toBe('error')
    void chat.regenerate()
    expect(calls[1]!.body).toEqual(calls[0]!.body)
    expect(chat.error.value).toBeNull()
    calls[1]!.emit('Hi.')
    calls[1]!.finish()
    await flushPromises()
    expect(said(chat)).toEqual(['user: Hello?', 'assistant: Hi.'])
  })

  it('is seen when the answer ends before it is whole', async () => {
    const { chat, calls } = converse()
    void chat.send('Hello?')
    calls[0]!.emit('Hel')
    calls[0]!.end()
    await flushPromises()
    expect(chat.messages.value[1]!.metadata).toMatchObject({ outcome: 'truncated', error: { code: 'upstream_truncated' } })
  })

  it('of toRequest is the request\'s, and the next one starts anew', async () => {
    let broken = true
    const { chat, calls } = converse({ toRequest: (messages, { toBody }) => {
      if (broken) throw new Error('no template')
      return toBody(messages)
    } })
    expect(await chat.send('Hello?')).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request', message: expect.stringContaining('no template') } })
    expect(said(chat)).toEqual(['user: Hello?'])
    broken = false
    void chat.regenerate()
    expect(calls).toHaveLength(1)
  })
})

it('may take its time to make a request, and sends none when it was stopped meanwhile', async () => {
  const { chat, calls } = converse({ toRequest: async (messages, { toBody }) => ({ ...toBody(messages), user: 'me' }) })
  const first = chat.send('One?')
  chat.stop()
  expect(await first).toMatchObject({ outcome: 'stopped' })
  void chat.send('Two?')
  await flushPromises()
  expect(calls.map(({ body }) => body)).toMatchObject([{ user: 'me', messages: [{ content: 'One?' }, { content: 'Two?' }] }])
})

describe('stopping', () => {
  it('keeps what has come, closed, in the same step as the call', async () => {
    const { chat, calls } = converse()
    const run = chat.send('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    chat.stop()
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'stopped' } })
    expect(chat.messages.value[1]).toMatchObject({ parts: [{}, { text: 'Hel', state: 'done' }], metadata: { outcome: 'stopped' } })
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped', text: 'Hel' })
  })

  it('while files are read sends nothing', async () => {
    const { chat, calls } = converse()
    const bytes = Promise.withResolvers<ArrayBuffer>()
    const file = new File([], 'a.txt')
    file.arrayBuffer = () => bytes.promise
    const run = chat.send({ text: 'Look.', files: [file] })
    chat.stop()
    expect(await run).toMatchObject({ outcome: 'stopped' })
    bytes.resolve(new ArrayBuffer(1))
    await flushPromises()
    expect(calls).toHaveLength(0)
    expect(chat.messages.value).toEqual([])
  })

  it('happens when the component is gone', async () => {
    const { chat, calls, wrapper } = converse()
    const run = chat.send('Hello?')
    wrapper.unmount()
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped' })
  })

  it('leaves nothing behind after clear', async () => {
    const { chat, calls } = converse()
    const run = chat.send('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    chat.clear()
    expect(chat).toMatchObject({ messages: { value: [] }, status: { value: 'ready' }, outcome: { value: null } })
    expect(await run).toMatchObject({ outcome: 'stopped' })
    await flushPromises()
    expect(chat.messages.value).toEqual([])
  })
})

describe('changing what was said', () => {
  it('answers a message anew, and drops what followed it', async () => {
    const { chat, calls } = converse({ initialMessages: history })
    void chat.regenerate('a1')
    expect(said(chat)).toEqual(['user: One?'])
    expect(calls[0]!.body.messages).toHaveLength(1)
    calls[0]!.emit('Uno.')
    calls[0]!.finish()
    await flushPromises()
    expect(said(chat)).toEqual(['user: One?', 'assistant: Uno.'])
    expect(chat.messages.value[1]!.id).not.toBe('a1')
  })

  it('edits a message of the user\'s, and answers that', () => {
    const { chat, calls } = converse({ initialMessages: history })
    void chat.edit('u2', 'Three?')
    expect(said(chat)).toEqual(['user: One?', 'assistant: One.', 'user: Three?'])
    expect(chat.messages.value[2]!.id).toBe('u2')
    expect(calls[0]!.body.messages).toHaveLength(3)
  })

  it('refuses what is not there, and changes nothing', async () => {
    const { chat, calls } = converse({ initialMessages: history })
    expect(await chat.regenerate('gone')).toMatchObject({ error: { code: 'invalid_request' } })
    expect(await chat.edit('a1', 'No.')).toMatchObject({ error: { code: 'invalid_request' } })
    expect(said(chat)).toHaveLength(4)
    expect(calls).toHaveLength(0)
    expect(await converse().chat.regenerate()).toMatchObject({ error: { code: 'invalid_request' } })
  })

  it('keeps messages that stay the same objects', () => {
    const { chat } = converse({ initialMessages: history })
    const [first] = chat.messages.value
    chat.setMessages(messages => messages.slice(0, 2))
    expect(chat.messages.value).toHaveLength(2)
    expect(chat.messages.value[0]).toBe(first)
    chat.setMessages(history)
    expect(said(chat)).toHaveLength(4)
  })

  it('goes on with an answer whose place is still there', async () => {
    const { chat, calls } = converse({ initialMessages: history })
    void chat.send('Three?')
    chat.setMessages(messages => messages.slice(2))
    calls[0]!.emit('Th')
    await flushPromises()
    chat.setMessages(messages => messages.slice(2))
    calls[0]!.emit('ree.')
    calls[0]!.finish()
    await flushPromises()
    expect(said(chat)).toEqual(['user: Three?', 'assistant: Three.'])
  })

  it('stops an answer whose place is gone, and nothing comes back', async () => {
    const { chat, calls } = converse()
    const run = chat.send('Hello?')
    chat.setMessages(history)
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped' })
    expect(said(chat)).toHaveLength(4)
  })
})

describe('sending while an answer is under way', () => {
  it('replaces it by default, and each answer stays in its own message', async () => {
    const { chat, calls } = converse()
    const first = chat.send('One?')
    calls[0]!.emit('On')
    await flushPromises()
    void chat.send('Two?')
    expect(said(chat)).toEqual(['user: One?', 'assistant: On', 'user: Two?'])
    calls[1]!.emit('Two.')
    calls[1]!.finish()
    await flushPromises()
    expect(await first).toMatchObject({ outcome: 'stopped', text: 'On' })
    expect(said(chat)).toEqual(['user: One?', 'assistant: On', 'user: Two?', 'assistant: Two.'])
  })

  it('replaces it when both are sent in one tick', async () => {
    const { chat, calls } = converse()
    const results = Promise.all([chat.send('One?'), chat.send('Two?')])
    calls[1]!.emit('Two.')
    calls[1]!.finish()
    expect((await results).map(({ outcome }) => outcome)).toEqual(['stopped', 'complete'])
    expect(said(chat)).toEqual(['user: One?', 'user: Two?', 'assistant: Two.'])
  })

  it('waits for its turn where it is told to, and is sent with the answer before it', async () => {
    const { chat, calls } = converse({ concurrency: 'queue' })
    const results = Promise.all([chat.send('One?'), chat.send('Two?')])
    expect(said(chat)).toEqual(['user: One?'])
    calls[0]!.emit('One.')
    calls[0]!.finish()
    await vi.waitFor(() => expect(calls).toHaveLength(2))
    expect(calls[1]!.body.messages).toHaveLength(3)
    calls[1]!.emit('Two.')
    calls[1]!.finish()
    expect((await results).map(({ text }) => text)).toEqual(['One.', 'Two.'])
  })

  it('calls the hooks of the answer before it all the same', async () => {
    const onFinish = vi.fn()
    const { chat, calls } = converse({ concurrency: 'queue', onFinish })
    void chat.send('One?')
    void chat.send('Two?')
    calls[0]!.emit('One.')
    calls[0]!.finish()
    await flushPromises()
    expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: 'One.' }))
    expect(calls).toHaveLength(2)
  })

  it('waits for its turn no longer where what stands before it has become pointless', async () => {
    const { chat, calls } = converse({ concurrency: 'queue', initialMessages: history })
    void chat.send('Three?')
    const edited = chat.edit('u2', 'Two and a half?')
    void chat.send('Four?')
    chat.setMessages(messages => messages.filter(({ id }) => id !== 'u2'))
    calls[0]!.finish()
    expect(await edited).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request' } })
    expect(said(chat).at(-1)).toBe('user: Four?')
    expect(calls).toHaveLength(2)
  })

  it('is dropped from the queue by stop', async () => {
    const { chat, calls } = converse({ concurrency: 'queue' })
    const results = Promise.all([chat.send('One?'), chat.send('Two?')])
    chat.stop()
    expect((await results).map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped'])
    expect(calls).toHaveLength(1)
    expect(said(chat)).toEqual(['user: One?'])
  })

  it('is dropped from the queue by disconnect, which stops what cannot be resumed', async () => {
    const { chat, calls } = converse({ concurrency: 'queue' })
    const results = Promise.all([chat.send('One?'), chat.send('Two?')])
    calls[0]!.emit('On')
    await flushPromises()
    chat.disconnect()
    expect((await results).map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped'])
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(said(chat)).toEqual(['user: One?', 'assistant: On'])
    expect(chat.status.value).toBe('ready')
  })

  it('fails at once where it is told to, and changes nothing', async () => {
    const { chat, calls } = converse({ concurrency: 'reject' })
    void chat.send('One?')
    expect(await chat.send('Two?')).toMatchObject({ outcome: 'failed', error: { code: 'busy' } })
    expect(said(chat)).toEqual(['user: One?'])
    expect(chat.status.value).toBe('submitted')
    expect(calls).toHaveLength(1)
  })

  it('starts anew when a hook sends at the end of an answer', async () => {
    let once = true
    const { chat, calls } = converse({ onFinish: () => {
      if (once) void chat.send('More?')
      once = false
    } })
    void chat.send('One?')
    calls[0]!.emit('One.')
    calls[0]!.finish()
    await flushPromises()
    expect(said(chat)).toEqual(['user: One?', 'assistant: One.', 'user: More?'])
    expect(chat.messages.value[1]!.metadata).toMatchObject({ outcome: 'complete' })
    expect(calls[1]!.body.messages).toHaveLength(3)
  })
})

describe('persistence', () => {
  it('happens when a message is sent and when its answer has settled, with values that can be stored', async () => {
    const stored: UIMessage[][] = []
    const { chat, calls } = converse({ persist: messages => stored.push(structuredClone(messages)) })
    void chat.send('Hello?')
    expect(stored).toHaveLength(1)
    for (const text of ['a', 'b', 'c']) {
      calls[0]!.emit(text)
      await flushPromises()
    }
    expect(stored).toHaveLength(1)
    calls[0]!.finish()
    await flushPromises()
    expect(stored.map(messages => messages.length)).toEqual([1, 2])

    const restored = converse({ initialMessages: JSON.parse(JSON.stringify(stored[1])) as UIMessage[] })
    expect(restored.chat.messages.value).toEqual(chat.messages.value)
  })

  it('keeps what has come when the page is left in mid-answer, and sends nothing that waits', async () => {
    const stored: UIMessage[][] = []
    const { chat, calls } = converse({ persist: messages => stored.push(structuredClone(messages)), concurrency: 'queue' })
    void chat.send('Hello?')
    void chat.send('And then?')
    calls[0]!.emit('Hel')
    await flushPromises()
    dispatchEvent(new Event('pagehide'))
    expect(stored.at(-1)).toMatchObject([{ role: 'user' }, { parts: [{}, { text: 'Hel', state: 'done' }], metadata: { outcome: 'stopped' } }])
    expect(calls).toHaveLength(1)
  })

  it('that fails is reported, and the conversation goes on', async () => {
    const handler = vi.fn()
    const { fetch, calls } = createLiveFetch()
    let chat!: UseConversationReturn
    mounted.push(mount(defineComponent(() => {
      chat = useConversation({ fetch, persist: () => Promise.reject(new Error('full')) })
      return () => h('p')
    }), { global: { config: { errorHandler: handler } } }))
    void chat.send('Hello?')
    await flushPromises()
    expect(handler).toHaveBeenCalledOnce()
    calls[0]!.emit('Hi.')
    calls[0]!.finish()
    await flushPromises()
    expect(said(chat)).toHaveLength(2)
  })
})

it('is not tracked by an effect that sends, which would send again after every answer', async () => {
  const { fetch, calls } = createLiveFetch()
  const question = ref('One?')
  let chat!: UseConversationReturn
  mounted.push(mount(defineComponent(() => {
    chat = useConversation({ fetch, publish: 'sync' })
    watchEffect(() => void chat.send(question.value))
    watchEffect(() => chat.setMessages(messages => messages))
    return () => h('p')
  })))
  calls[0]!.emit('One.')
  calls[0]!.finish()
  await vi.waitFor(() => expect(chat.status.value).toBe('ready'))
  await nextTick()
  expect(calls).toHaveLength(1)
  question.value = 'Two?'
  await nextTick()
  expect(said(chat)).toEqual(['user: One?', 'assistant: One.', 'user: Two?'])
})

it('is shared by components of the same id, until the last of them has gone', async () => {
  const { fetch, calls } = createLiveFetch()
  const chats: UseConversationReturn[] = []
  const Child = defineComponent(() => {
    chats.push(useConversation({ id: 'main', fetch, publish: 'sync' }))
    return () => h('p')
  })
  const Parent = defineComponent({ props: { first: { type: Boolean, default: true }, second: { type: Boolean, default: true } }, setup: props => () => [props.first && h(Child), props.second && h(Child)] })
  const wrapper = mount(Parent)
  mounted.push(wrapper)
  void chats[0]!.send('Hello?')
  expect(said(chats[1]!)).toEqual(['user: Hello?'])
  await wrapper.setProps({ first: false })
  calls[0]!.emit('Hi')
  await flushPromises()
  expect(said(chats[1]!)).toEqual(['user: Hello?', 'assistant: Hi'])
  await wrapper.setProps({ second: false })
  expect(calls[0]!.signal.aborted).toBe(true)
})

it('goes on between two pages that keep it, and is there on the second', async () => {
  const { fetch, calls } = createLiveFetch()
  const chats: UseConversationReturn[] = []
  const page = ref('first')
  const Page = defineComponent(() => {
    chats.push(useConversation({ id: 'main', keepAlive: true, fetch, publish: 'sync' }))
    return () => h('p')
  })
  mounted.push(mount(defineComponent(() => () => page.value ? h(Page, { key: page.value }) : h('p'))))
  void chats[0]!.send('Hello?')
  calls[0]!.emit('Hi')
  page.value = ''
  await flushPromises()
  calls[0]!.emit(' there.')
  calls[0]!.finish()
  await flushPromises()
  page.value = 'second'
  await flushPromises()
  expect(said(chats[1]!)).toEqual(['user: Hello?', 'assistant: Hi there.'])
  expect(chats[1]!.status.value).toBe('ready')
})

it('has the tools and the options of a component that is still there', async () => {
  const { fetch, calls } = createLiveFetch()
  const chats: UseConversationReturn[] = []
  const Child = defineComponent({ props: { name: { type: String, required: true } }, setup(props) {
    chats.push(useConversation({ id: 'main', fetch, tools: () => ({ [props.name]: {} }), body: () => ({ user: props.name }) }))
    return () => h('p')
  } })
  const wrapper = mount(defineComponent({ props: { first: { type: Boolean, default: true } }, setup: props => () => [props.first && h(Child, { name: 'one' }), h(Child, { name: 'two' })] }))
  mounted.push(wrapper)
  void chats[1]!.send('Hello?')
  await wrapper.setProps({ first: false })
  void chats[1]!.send('Hello again?')
  expect(calls.map(({ body }) => [body.user, body.tools])).toMatchObject([['one', [{ function: { name: 'one' } }]], ['two', [{ function: { name: 'two' } }]]])
})

it('shows what was set on the server, and renders the same there and here', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const root = document.createElement('div')
  root.innerHTML = '<p>user: One?</p>'
  const app = createSSRApp(defineComponent(() => {
    const chat = useConversation({ id: 'main' })
    return () => h('p', said(chat))
  })).use(createLlmStream({ payload: { 'conversation:main': history.slice(0, 1) } }))
  app.mount(root)
  expect(root.innerHTML).toBe('<p>user: One?</p>')
  expect(warn).not.toHaveBeenCalled()
  app.unmount()
  warn.mockRestore()
})

it('is at home in a bare effect scope, and outside of any', async () => {
  const { fetch, calls } = createLiveFetch()
  const scope = effectScope()
  const inside = scope.run(() => useConversation({ fetch }))!
  const outside = useConversation({ fetch })
  void inside.send('Hello?')
  void outside.send('Hello?')
  scope.stop()
  expect(calls[0]!.signal.aborted).toBe(true)
  calls[1]!.emit('Hi.')
  calls[1]!.finish()
  await vi.waitFor(() => expect(said(outside)).toEqual(['user: Hello?', 'assistant: Hi.']))
})
