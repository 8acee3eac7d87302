import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, onMounted } from 'vue'
import { useConversation, useStream } from '../../src/runtime/app'
import type { UIMessage, UseConversationOptions, UseConversationReturn, UseStreamOptions, UseStreamReturn } from '../../src/runtime/app'
import { loadEngine } from '../../src/runtime/app/run/load-engine'
import { createLiveFetch, toFrame } from '../support/live-fetch'

const RUN = 'AAAAAAAAAAAAAAAAAAAAAA'
const HEAD = { 'content-type': 'text/event-stream', 'x-stream-id': RUN, 'x-stream-resumable': '1' }
const NOT_FOUND = JSON.stringify({ error: { code: 'run_not_found', message: 'No.', status: 404, retryable: false } })

const mounted: { unmount: () => void }[] = []
beforeEach(() => loadEngine({ resumable: true }) as Promise<never>)
afterEach(() => {
  for (const wrapper of mounted.splice(0)) wrapper.unmount()
  sessionStorage.clear()
})

function mountStream(options: UseStreamOptions = {}) {
  const { fetch, calls } = createLiveFetch()
  let stream!: UseStreamReturn
  const wrapper = mount(defineComponent(() => {
    stream = useStream({ fetch, resume: true, publish: 'sync', ...options })
    return () => h('p', stream.text.value)
  }))
  mounted.push(wrapper)
  return { wrapper, stream, calls }
}

function mountConversation(options: UseConversationOptions = {}) {
  const { fetch, calls } = createLiveFetch()
  let chat!: UseConversationReturn
  const wrapper = mount(defineComponent(() => {
    chat = useConversation({ fetch, resume: true, publish: 'sync', ...options })
    return () => h('p', chat.status.value)
  }))
  mounted.push(wrapper)
  return { wrapper, chat, calls }
}

/** Leaves the page as a reload does: nothing is unmounted. */
function reload(): void {
  dispatchEvent(new Event('pagehide'))
  mounted.splice(0)
}

function numbered(from: number, ...texts: string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((text, index) => `id: ${from + index}\n${text === '[DONE]' ? 'data: [DONE]\n\n' : toFrame(text)}`).join(''))
}

describe('a stream with a key', () => {
  it('comes back to its run after a reload, by itself and from its start', async () => {
    const before = mountStream({ key: 'answer' })
    void before.stream.start('Hello?')
    before.calls[0]!.head(200, HEAD)
    before.calls[0]!.emit(numbered(2, 'Hel'))
    await flushPromises()
    reload()

    const after = mountStream({ key: 'answer' })
    await flushPromises()
    expect(after.calls[0]).toMatchObject({ method: 'GET', url: `/api/llm/streams/${RUN}`, headers: { 'last-event-id': '0' } })
    after.calls[0]!.emit(numbered(2, 'Hel', 'lo.'))
    await flushPromises()
    expect(after.stream).toMatchObject({ status: { value: 'streaming' }, text: { value: 'Hello.' }, runId: { value: RUN } })
    after.calls[0]!.emit(numbered(4, '[DONE]'))
    await flushPromises()
    expect(after.stream).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' } })
    reload()

    const later = mountStream({ key: 'answer' })
    await flushPromises()
    expect(later.calls).toHaveLength(0)
  })

  it('comes back to its run after a second reload that came before it was found', async () => {
    sessionStorage.setItem('nuxt-llm-stream:answer', JSON.stringify({ runId: RUN, protocol: 'chat' }))
    const before = mountStream({ key: 'answer' })
    await flushPromises()
    reload()
    expect(before.calls.map(({ method }) => method)).toEqual(['GET'])

    const after = mountStream({ key: 'answer' })
    await flushPromises()
    after.calls[0]!.emit(numbered(2, 'Hello.', '[DONE]'))
    await flushPromises()
    expect(after.stream).toMatchObject({ text: { value: 'Hello.' }, outcome: { value: 'complete' } })
  })

  it('starts nothing new, even where it would start by itself, if there is a run to come back to', async () => {
    sessionStorage.setItem('nuxt-llm-stream:answer', JSON.stringify({ runId: RUN, protocol: 'chat' }))
    const { calls, stream } = mountStream({ key: 'answer', immediate: true })
    await flushPromises()
    calls[0]!.emit(numbered(2, 'Hello.', '[DONE]'))
    await flushPromises()
    expect(calls.map(({ method }) => method)).toEqual(['GET'])
    expect(stream.text.value).toBe('Hello.')
  })

  it('starts by itself where the run is gone', async () => {
    sessionStorage.setItem('nuxt-llm-stream:answer', JSON.stringify({ runId: RUN, protocol: 'chat' }))
    const { calls } = mountStream({ key: 'answer', immediate: true, body: { messages: [{ role: 'user', content: 'Hi' }] } })
    await flushPromises()
    calls[0]!.head(404, { 'content-type': 'application/json' }, NOT_FOUND)
    await flushPromises()
    expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST'])
  })

  it.each(['', 'null', '{', '{"runId":1}'])('does not mind a memory of %o', async (text) => {
    sessionStorage.setItem('nuxt-llm-stream:answer', text)
    const { calls, stream } = mountStream({ key: 'answer' })
    await flushPromises()
    expect(await stream.resume()).toBeNull()
    expect(calls).toHaveLength(0)
  })

  it('forgets a run that was left when it is reset', async () => {
    const { stream, calls } = mountStream({ key: 'answer' })
    void stream.start('Hello?')
    calls[0]!.head(200, HEAD)
    calls[0]!.emit(numbered(2, 'Hel'))
    await flushPromises()
    stream.disconnect()
    stream.reset()
    expect(await stream.resume()).toBeNull()
    expect(sessionStorage).toHaveLength(0)
  })

  it('does without a storage that the user forbids', async () => {
    vi.stubGlobal('sessionStorage', { getItem: () => { throw new Error('denied') }, setItem: () => { throw new Error('denied') }, removeItem: () => { throw new Error('denied') }, clear: () => {} })
    try {
      const { calls, stream } = mountStream({ key: 'answer' })
      const run = stream.start('Hello?')
      calls[0]!.head(200, HEAD)
      calls[0]!.emit(numbered(2, 'Hello.', '[DONE]'))
      expect(await run).toMatchObject({ outcome: 'complete' })
    }
    finally {
      vi.unstubAllGlobals()
    }
  })
})

it('stops its run at the relay when the component is gone', async () => {
  const { wrapper, stream, calls } = mountStream()
  void stream.start('Hello?')
  calls[0]!.head(200, HEAD)
  await flushPromises()
  wrapper.unmount()
  expect(calls[1]).toMatchObject({ method: 'DELETE', url: `/api/llm/streams/${RUN}`, keepalive: true })
})

it('leaves its run going with keepAlive', async () => {
  const { wrapper, stream, calls } = mountStream({ keepAlive: true })
  void stream.start('Hello?')
  calls[0]!.head(200, HEAD)
  await flushPromises()
  wrapper.unmount()
  expect(calls).toHaveLength(1)
  calls[0]!.emit(numbered(2, '[DONE]'))
})

describe('a conversation with an id', () => {
  const said = ({ messages }: UseConversationReturn) => messages.value.map(({ role, parts }) => `${role}: ${parts.map(part => part.type === 'text' ? part.text : '').join('')}`)

  it('goes on after a reload where it was left', async () => {
    let stored: UIMessage[] = []
    const persist = (messages: UIMessage[]) => { stored = structuredClone(messages) }
    const before = mountConversation({ id: 'talk', persist })
    void before.chat.send('Hello?')
    before.calls[0]!.head(200, HEAD)
    before.calls[0]!.emit(numbered(2, 'Hel'))
    await flushPromises()
    reload()

    const after = mountConversation({ id: 'talk', persist, initialMessages: stored })
    expect(said(after.chat)).toEqual(['user: Hello?'])
    await flushPromises()
    expect(after.calls[0]).toMatchObject({ method: 'GET', url: `/api/llm/streams/${RUN}` })
    after.calls[0]!.emit(numbered(2, 'Hel', 'lo.'))
    await flushPromises()
    expect(after.chat.status.value).toBe('streaming')
    expect(said(after.chat)).toEqual(['user: Hello?', 'assistant: Hello.'])
    after.calls[0]!.emit(numbered(4, '[DONE]'))
    await flushPromises()
    expect(after.chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' } })
    expect(after.calls).toHaveLength(1)
  })

  it('goes on behind messages that are set when the page is mounted', async () => {
    sessionStorage.setItem('nuxt-llm-stream:conversation:talk', JSON.stringify({ runId: RUN, protocol: 'chat' }))
    const called: UIMessage[] = [
      { id: 'u', role: 'user', parts: [{ type: 'text', text: 'Weather?' }] },
      {
        id: 'a', role: 'assistant', metadata: { outcome: 'tool-calls', usage: null, model: null, finishReason: null, responseId: null },
        parts: [{ type: 'step-start' }, { type: 'tool-weather', toolCallId: 'c', state: 'output-available', input: {}, output: 'Rain.' }],
      },
    ]
    const { fetch, calls } = createLiveFetch()
    let chat!: UseConversationReturn
    mounted.push(mount(defineComponent(() => {
      chat = useConversation({ fetch, resume: true, publish: 'sync', id: 'talk' })
      onMounted(() => chat.setMessages(called))
      return () => h('p')
    })))
    await flushPromises()
    calls[0]!.emit(numbered(2, 'It rains.', '[DONE]'))
    await flushPromises()
    expect(chat.messages.value.map(({ id, parts }) => [id, parts.map(({ type }) => type)])).toEqual([
      ['u', ['text']],
      ['a', ['step-start', 'tool-weather', 'step-start', 'text']],
    ])
  })

  it('is as it was where the run is gone', async () => {
    sessionStorage.setItem('nuxt-llm-stream:conversation:talk', JSON.stringify({ runId: RUN, protocol: 'chat' }))
    const initialMessages: UIMessage[] = [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] }]
    const { chat, calls } = mountConversation({ id: 'talk', initialMessages })
    await flushPromises()
    calls[0]!.head(404, { 'content-type': 'application/json' }, NOT_FOUND)
    await flushPromises()
    expect(said(chat)).toEqual(['user: Hello?'])
    expect(chat).toMatchObject({ status: { value: 'ready' }, outcome: { value: null }, error: { value: null } })
  })

  it('forgets an answer that was left when it is cleared', async () => {
    const { chat, calls } = mountConversation({ id: 'talk' })
    void chat.send('Hello?')
    calls[0]!.head(200, HEAD)
    calls[0]!.emit(numbered(2, 'Hel'))
    await flushPromises()
    chat.disconnect()
    chat.clear()
    expect(await chat.resume()).toBeNull()
    expect(sessionStorage).toHaveLength(0)
    expect(said(chat)).toEqual([])
  })

  it('keeps what is set while it looks for a run that is gone, and sends what waits for it', async () => {
    const { chat, calls } = mountConversation({ concurrency: 'queue' })
    const found = chat.resume(RUN)
    const sent = chat.send('More?')
    chat.setMessages([{ id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] }])
    calls[0]!.head(404, { 'content-type': 'application/json' }, NOT_FOUND)
    expect(await found).toBeNull()
    expect(calls[1]!.body.messages).toEqual([{ role: 'user', content: 'Hello?' }, { role: 'user', content: 'More?' }])
    calls[1]!.emit('Yes.')
    calls[1]!.finish()
    expect(await sent).toMatchObject({ outcome: 'complete' })
  })

  it('leaves an answer going, and comes back to it in the same message', async () => {
    const { chat, calls } = mountConversation({ id: 'talk' })
    const sent = chat.send('Hello?')
    calls[0]!.head(200, HEAD)
    calls[0]!.emit(numbered(2, 'Hel'))
    await flushPromises()
    chat.disconnect()
    expect(await sent).toMatchObject({ outcome: null })
    expect(chat.status.value).toBe('ready')
    const { id, metadata } = chat.messages.value[1]!
    expect(metadata).toMatchObject({ outcome: null, runId: RUN })
    const resumed = chat.resume()
    await flushPromises()
    expect(calls.map(({ method }) => method)).toEqual(['POST', 'GET'])
    calls[1]!.emit(numbered(2, 'Hel', 'lo.', '[DONE]'))
    expect(await resumed).toMatchObject({ outcome: 'complete', text: 'Hello.' })
    expect(said(chat)).toEqual(['user: Hello?', 'assistant: Hello.'])
    expect(chat.messages.value[1]).toMatchObject({ id, metadata: { outcome: 'complete' } })
    expect(chat.messages.value[1]!.metadata).not.toHaveProperty('runId')
  })
})
