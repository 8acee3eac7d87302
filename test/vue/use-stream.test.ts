import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createApp, defineComponent, effectScope, h, KeepAlive, nextTick, reactive, ref, shallowRef, watch, watchEffect } from 'vue'
import { createLlmStream, useStream } from '../../src/runtime/app'
import type { ChatMessage, StreamStatus, UseStreamOptions, UseStreamReturn } from '../../src/runtime/app'
import { createLiveFetch } from '../support/live-fetch'

const mounted: { unmount: () => void }[] = []
afterEach(() => { for (const wrapper of mounted.splice(0)) wrapper.unmount() })

/** A component that shows the text of its own stream. */
function mountStream(options: UseStreamOptions = {}, global: object = {}) {
  const { fetch, calls } = createLiveFetch()
  let stream!: UseStreamReturn
  const render = vi.fn(() => h('p', stream.text.value))
  const wrapper = mount(defineComponent(() => {
    stream = useStream({ fetch, ...options })
    return render
  }), { global })
  mounted.push(wrapper)
  return { wrapper, stream, calls, render }
}

describe('an answer', () => {
  it('is posted for and shown while it grows', async () => {
    const { stream, calls, wrapper } = mountStream({ publish: 'sync' })
    const run = stream.start('Hello?')
    expect(stream.status.value).toBe('submitted')
    expect(calls[0]).toMatchObject({
      url: '/api/llm/chat/completions',
      body: { messages: [{ role: 'user', content: 'Hello?' }], stream: true },
      headers: { 'x-requested-with': 'nuxt-llm-stream', 'content-type': 'application/json' },
    })
    calls[0]!.emit('Hel')
    await flushPromises()
    expect(stream.status.value).toBe('streaming')
    expect(wrapper.text()).toBe('Hel')
    calls[0]!.emit('lo.')
    await flushPromises()
    expect(wrapper.text()).toBe('Hello.')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'Hello.', finishReason: 'stop', error: null })
    expect(stream).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'complete' }, error: { value: null } })
  })

  it('fills every ref', async () => {
    const { stream, calls } = mountStream()
    const run = stream.start('Hello?')
    calls[0]!.emit(
      { id: 'r1', model: 'm1', choices: [{ index: 0, delta: { reasoning_content: 'Hm.' } }, { index: 1, delta: { content: 'Other' } }] },
      { choices: [{ index: 0, delta: { content: 'Hi', refusal: 'No' } }] },
      { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'add', arguments: '{"a":1}' } }] } }] },
      { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }, { index: 1, delta: {}, finish_reason: 'stop' }] },
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
      new TextEncoder().encode('data: [DONE]\n\n'),
    )
    await run
    const { start, stop, disconnect, resume, retry, reset, ...refs } = stream
    for (const verb of [start, stop, disconnect, resume, retry, reset]) expect(verb).toBeTypeOf('function')
    expect(Object.fromEntries(Object.entries(refs).map(([name, { value }]) => [name, value]))).toMatchObject({
      text: 'Hi', reasoning: 'Hm.', refusal: 'No',
      parts: [{ type: 'reasoning' }, { type: 'text' }, { type: 'refusal' }, { type: 'tool-call' }],
      toolCalls: [{ id: 'c1', name: 'add', input: { a: 1 }, state: 'ready' }],
      choices: [{ index: 0, text: 'Hi' }, { index: 1, text: 'Other' }],
      object: undefined, usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      finishReason: 'tool_calls', model: 'm1', responseId: 'r1', runId: null,
      status: 'ready', outcome: 'tool-calls', error: null, timing: { events: expect.any(Number) as number },
    })
  })

  it('never lets a watcher see a status and a text of two moments', async () => {
    const { stream, calls } = mountStream({ publish: 'sync' })
    const seen: string[] = []
    watch([stream.status, stream.text, stream.outcome], values => seen.push(values.join('|')), { flush: 'sync' })
    const run = stream.start('Hi')
    calls[0]!.emit('ab')
    await flushPromises()
    calls[0]!.emit('cd')
    calls[0]!.finish()
    await run
    expect(seen).toEqual(['submitted||', 'streaming|ab|', 'streaming|abcd|', 'ready|abcd|complete'])
  })

  it('renders only who uses what has changed', async () => {
    const { stream, calls, render } = mountStream({ publish: 'sync' })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await flushPromises()
    const before = render.mock.calls.length
    for (let i = 0; i < 5; i++) {
      calls[0]!.emit({ choices: [], usage: { prompt_tokens: i, completion_tokens: i, total_tokens: 2 * i } })
      await flushPromises()
    }
    expect(render).toHaveBeenCalledTimes(before)
    calls[0]!.finish()
    await run
  })

  it('is frozen in development, so that nobody changes in place what others show', async () => {
    const { stream, calls } = mountStream()
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.finish()
    await run
    expect(() => { (stream.parts.value[0] as { text: string }).text = 'b' }).toThrow(TypeError)
    expect(structuredClone(stream.parts.value)).toEqual([{ type: 'text', text: 'a', state: 'done' }])
  })

  it('reaches a child that gets a part as its property', async () => {
    const { fetch, calls } = createLiveFetch()
    let stream!: UseStreamReturn
    const Child = defineComponent({ props: { part: { type: Object, required: true } }, setup: props => () => h('i', (props.part as { text: string }).text) })
    const wrapper = mount(defineComponent(() => {
      stream = useStream({ fetch, publish: 'sync' })
      return () => stream.parts.value.map((part, index) => h(Child, { part, key: index }))
    }))
    mounted.push(wrapper)
    const run = stream.start('Hi')
    for (const piece of ['one ', 'two ', 'three']) {
      calls[0]!.emit(piece)
      await flushPromises()
    }
    expect(wrapper.text()).toBe('one two three')
    calls[0]!.finish()
    await run
  })
})

describe('verbs', () => {
  it('stop: ends the request, keeps the text and settles as stopped', async () => {
    const { stream, calls } = mountStream()
    const run = stream.start('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    stream.stop()
    expect(stream).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'stopped' }, text: { value: 'Hel' } })
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped', text: 'Hel' })
  })

  it('are safe as click handlers', async () => {
    const { fetch, calls } = createLiveFetch()
    const wrapper = mount(defineComponent(() => {
      const { start, stop, retry, reset, disconnect } = useStream({ fetch, body: { messages: [{ role: 'user', content: 'Tell' }] } })
      const handlers = { start, stop, retry, reset, disconnect }
      return () => Object.entries(handlers).map(([id, onClick]) => h('button', { id, onClick: onClick as () => void }))
    }))
    mounted.push(wrapper)
    await wrapper.get('#start').trigger('click')
    expect(calls[0]!.body).toEqual({ messages: [{ role: 'user', content: 'Tell' }], stream: true })
    await wrapper.get('#stop').trigger('click')
    expect(calls[0]!.signal.aborted).toBe(true)
    await wrapper.get('#retry').trigger('click')
    expect(calls).toHaveLength(2)
    await wrapper.get('#disconnect').trigger('click')
    await wrapper.get('#reset').trigger('click')
    expect(calls[1]!.signal.aborted).toBe(true)
  })

  it('retry: after a failure, with the text so far still shown until then', async () => {
    const { stream, calls } = mountStream()
    void stream.start('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    calls[0]!.fail()
    await flushPromises()
    expect(stream).toMatchObject({ status: { value: 'error' }, outcome: { value: 'failed' }, text: { value: 'Hel' } })
    expect(stream.error.value).toMatchObject({ code: 'network_error', retryable: true })
    void stream.retry()
    expect(calls[1]!.body).toEqual(calls[0]!.body)
    expect(stream).toMatchObject({ status: { value: 'submitted' }, error: { value: null }, text: { value: '' } })
  })

  it('resume: gives null when there is nothing to come back to', async () => {
    expect(await mountStream().stream.resume()).toBeNull()
  })
})

describe('options', () => {
  it('are resolved by each start, and by nothing else', async () => {
    const model = ref('small')
    const upstream = shallowRef<string>()
    const body = vi.fn(() => ({ temperature: model.value === 'small' ? 0 : 1 }))
    const { stream, calls } = mountStream({ model, upstream, body, headers: () => ({ authorization: `Bearer ${model.value}` }) })
    expect(body).not.toHaveBeenCalled()
    void stream.start('Hi')
    model.value = 'large'
    upstream.value = 'fast'
    await nextTick()
    expect(body).toHaveBeenCalledOnce()
    void stream.start('Hi')
    expect(calls.map(({ url, body, headers }) => [url, body.model, body.temperature, headers.authorization])).toEqual([
      ['/api/llm/chat/completions', 'small', 0, 'Bearer small'],
      ['/api/llm/fast/chat/completions', 'large', 1, 'Bearer large'],
    ])
  })

  it('are values where the body holds refs', () => {
    const temperature = ref(0.2)
    const { stream, calls } = mountStream({ body: { temperature, seed: ref(7), stop: ['.'] } })
    void stream.start('Hi')
    temperature.value = 0.9
    void stream.start('Hi')
    expect(calls.map(({ body }) => body)).toMatchObject([{ temperature: 0.2, seed: 7, stop: ['.'] }, { temperature: 0.9, seed: 7 }])
  })

  it('that throw fail the run: start neither throws nor rejects', async () => {
    const onError = vi.fn()
    const { stream, calls } = mountStream({ body: () => { throw new Error('no project is open') }, onError })
    expect(await stream.start('Hi')).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request', message: expect.stringContaining('no project is open') as string } })
    expect(stream.status.value).toBe('error')
    expect(onError).toHaveBeenCalledOnce()
    expect(calls).toHaveLength(0)
  })

  it('may be a schema that is a function, which is no getter', async () => {
    const schema = Object.assign(() => { throw new Error('called') }, {
      '~standard': { version: 1 as const, vendor: 'arktype', validate: (value: unknown) => ({ value }), jsonSchema: { input: () => ({ type: 'object' }), output: () => ({}) } },
    })
    const { stream, calls } = mountStream({ schema: schema as UseStreamOptions['schema'] })
    const run = stream.start('Hi')
    await vi.waitFor(() => expect(calls).toHaveLength(1))
    calls[0]!.emit('{"a":1}')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', object: { a: 1 } })
  })

  it('that cannot be JSON fail the run', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    expect(await mountStream({ body: cyclic }).stream.start('Hi')).toMatchObject({ outcome: 'failed', error: { code: 'invalid_request' } })
  })

  it('the endpoint is the app\'s, unless an option says otherwise', () => {
    const global = { plugins: [createLlmStream({ endpoint: '/base/llm/' })] }
    const one = mountStream({}, global)
    void one.stream.start('Hi')
    expect(one.calls[0]!.url).toBe('/base/llm/chat/completions')
    const other = mountStream({ endpoint: 'https://relay.test', protocol: 'messages' as 'chat' }, global)
    void other.stream.start('Hi')
    expect(other.calls[0]!.url).toBe('https://relay.test/messages')
    const exact = mountStream({ url: '/api/poem' }, global)
    void exact.stream.start('Hi')
    expect(exact.calls[0]!.url).toBe('/api/poem')
  })

  it('immediate: starts when mounted, once', async () => {
    const { calls } = mountStream({ immediate: true, body: { messages: [] } })
    await nextTick()
    expect(calls).toHaveLength(1)
  })

  it('watch: starts again with each change, after mounting only', async () => {
    const topic = ref('cats')
    const { calls } = mountStream({ watch: topic, body: () => ({ messages: [{ role: 'user', content: topic.value }] }) })
    await nextTick()
    expect(calls).toHaveLength(0)
    topic.value = 'dogs'
    await nextTick()
    expect(calls[0]!.body.messages).toEqual([{ role: 'user', content: 'dogs' }])
    topic.value = 'birds'
    await nextTick()
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false])
  })

  it('watch: sees what changes in a reactive object', async () => {
    const filters = reactive({ city: 'Oslo' })
    const { calls } = mountStream({ watch: filters })
    filters.city = 'Bonn'
    await nextTick()
    expect(calls).toHaveLength(1)
  })

  it('watch: lives as long as the scope that asked for it, which may be a store\'s', async () => {
    const { fetch, calls } = createLiveFetch()
    const topic = ref('cats')
    const store = effectScope(true)
    const wrapper = mount(defineComponent(() => {
      store.run(() => useStream({ fetch, watch: topic }))
      return () => h('p')
    }))
    topic.value = 'dogs'
    await nextTick()
    wrapper.unmount()
    topic.value = 'birds'
    await nextTick()
    expect(calls).toHaveLength(2)
    store.stop()
    topic.value = 'fish'
    await nextTick()
    expect(calls).toHaveLength(2)
  })

  it('are not tracked by an effect that starts a run: it runs again for what it reads itself', async () => {
    const { fetch, calls } = createLiveFetch()
    const topic = ref('cats')
    const history = shallowRef<ChatMessage[]>([])
    mounted.push(mount(defineComponent(() => {
      const { start } = useStream({
        fetch,
        body: () => ({ messages: history.value }),
        onFinish: ({ text }) => { history.value = [...history.value, { role: 'assistant', content: text }] },
      })
      watchEffect(() => void start({ topic: topic.value }))
      return () => h('p')
    })))
    calls[0]!.emit('Meow.')
    calls[0]!.finish()
    await vi.waitFor(() => expect(history.value).toHaveLength(1))
    await nextTick()
    expect(calls).toHaveLength(1)
    topic.value = 'dogs'
    await nextTick()
    expect(calls.map(({ body }) => body.topic)).toEqual(['cats', 'dogs'])
  })
})

describe('hooks', () => {
  it('that throw reach the app\'s error handler, and the run goes on', async () => {
    const errorHandler = vi.fn()
    const error = new Error('hook')
    const { stream, calls } = mountStream({ onText: () => { throw error } }, { config: { errorHandler } })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a' })
    expect(errorHandler).toHaveBeenCalledExactlyOnceWith(error, null, expect.stringContaining('useStream'))
  })

  it('that throw where nobody handles errors reach the page, and the run goes on', async () => {
    const thrown: unknown[] = []
    vi.stubGlobal('queueMicrotask', (task: () => void) => {
      try { task() }
      catch (error) { thrown.push(error) }
    })
    const error = new Error('hook')
    const { stream, calls } = mountStream({ onText: () => { throw error } })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a' })
    expect(thrown).toEqual([error])
    vi.unstubAllGlobals()
  })

  it('that stop at the last event change nothing: the answer is whole', async () => {
    const { stream, calls } = mountStream({ onEvent: event => event.type === 'end' && stream.stop() })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'a' })
  })

  it('a synchronous watcher that throws cannot end a run either', async () => {
    const errorHandler = vi.fn()
    const { stream, calls } = mountStream({ publish: 'sync' }, { config: { errorHandler } })
    vi.spyOn(console, 'warn').mockReturnValue() // Vue tells of it as well
    watch(stream.text, () => { throw new Error('watcher') }, { flush: 'sync' })
    const run = stream.start('Hi')
    calls[0]!.emit('a')
    await flushPromises()
    calls[0]!.emit('b')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'ab' })
    expect(errorHandler).toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})

it.each(['replace', 'queue', 'reject'] as const)('%s: a run that is started as soon as another shows its end follows it, and replaces nothing', async (concurrency) => {
  const onFinish = vi.fn()
  const { stream, calls } = mountStream({ concurrency, onFinish })
  watch(stream.outcome, outcome => outcome && calls.length < 2 && void stream.start('Two'), { flush: 'sync' })
  const first = stream.start('One')
  calls[0]!.emit('one')
  calls[0]!.finish()
  expect(await first).toMatchObject({ outcome: 'complete' })
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ text: 'one' }))
  calls[1]!.emit('two')
  calls[1]!.finish()
  await vi.waitFor(() => expect(onFinish).toHaveBeenLastCalledWith(expect.objectContaining({ outcome: 'complete', text: 'two' })))
})

describe('the owner of a run', () => {
  it('is its component: unmounting ends the request', async () => {
    const onFinish = vi.fn()
    const { stream, calls, wrapper } = mountStream({ onFinish })
    const run = stream.start('Hello?')
    calls[0]!.emit('Hel')
    await flushPromises()
    wrapper.unmount()
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await run).toMatchObject({ outcome: 'stopped' })
    expect(onFinish).toHaveBeenCalledOnce()
    expect(await stream.start('Again')).toMatchObject({ outcome: 'stopped' })
    expect(calls).toHaveLength(1)
  })

  it('is the page as well: leaving it ends the request and what waits, though the browser may keep the page', async () => {
    const remove = vi.spyOn(window, 'removeEventListener')
    const { stream, calls, wrapper } = mountStream({ concurrency: 'queue' })
    const runs = [stream.start('Hello?'), stream.start('And then?')]
    calls[0]!.emit('Hel')
    await flushPromises()
    dispatchEvent(new Event('pagehide'))
    expect(calls[0]!.signal.aborted).toBe(true)
    expect(await Promise.all(runs)).toMatchObject([{ outcome: 'stopped', text: 'Hel' }, { outcome: 'stopped', text: '' }])
    expect(calls).toHaveLength(1)
    wrapper.unmount()
    expect(remove).toHaveBeenCalledWith('pagehide', expect.any(Function))
  })

  it('may be a bare effect scope, or nobody', async () => {
    const { fetch, calls } = createLiveFetch()
    const scope = effectScope()
    const inScope = scope.run(() => useStream({ fetch }))!
    void inScope.start('Hello?')
    scope.stop()
    expect(calls[0]!.signal.aborted).toBe(true)

    const { start, text } = useStream({ fetch })
    const run = start('Hello?')
    calls[1]!.emit('Hi')
    calls[1]!.finish()
    await run
    expect(text.value).toBe('Hi')
  })

  it('keepAlive: the run goes on to its end without it', async () => {
    const { stream, calls, wrapper } = mountStream({ keepAlive: true })
    const run = stream.start('Hello?')
    wrapper.unmount()
    calls[0]!.emit('Hi')
    calls[0]!.finish()
    expect(await run).toMatchObject({ outcome: 'complete', text: 'Hi' })
  })

  it('a component that KeepAlive puts aside goes on, and ends with it', async () => {
    const { fetch, calls } = createLiveFetch()
    let stream!: UseStreamReturn
    const shown = ref(true)
    const Answer = defineComponent(() => {
      stream = useStream({ fetch, publish: 'sync' })
      return () => h('p', stream.text.value)
    })
    const wrapper = mount(defineComponent(() => () => h(KeepAlive, () => shown.value ? h(Answer) : undefined)))
    const run = stream.start('Hi')
    calls[0]!.emit('one ')
    await flushPromises()
    shown.value = false
    await nextTick()
    calls[0]!.emit('two')
    await flushPromises()
    shown.value = true
    await nextTick()
    expect(wrapper.text()).toBe('one two')
    wrapper.unmount()
    expect(await run).toMatchObject({ outcome: 'stopped' })
  })
})

describe('key', () => {
  function mountTwo(options: UseStreamOptions[]) {
    const { fetch, calls } = createLiveFetch()
    const shown = ref(options.map(() => true))
    const streams: UseStreamReturn[] = []
    const users = options.map((given, index) => defineComponent(() => {
      const stream = streams[index] = useStream({ fetch, publish: 'sync', ...given })
      return () => h('p', stream.text.value)
    }))
    const warnHandler = vi.fn()
    const wrapper = mount(defineComponent(() => () => users.map((user, index) => shown.value[index] ? h(user, { key: index }) : undefined)), {
      global: { config: { warnHandler } },
    })
    mounted.push(wrapper)
    const show = async (...values: boolean[]) => {
      shown.value = values
      await nextTick()
    }
    return { wrapper, calls, streams, show, warnHandler }
  }

  it('shares one stream between components; the last one that leaves ends it', async () => {
    const { wrapper, calls, streams, show } = mountTwo([{ key: 'a' }, { key: 'a' }])
    void streams[0]!.start('Hi')
    calls[0]!.emit('one')
    await flushPromises()
    expect(wrapper.text()).toBe('oneone')
    await show(false, true)
    calls[0]!.emit(' two')
    await flushPromises()
    expect(wrapper.text()).toBe('one two')
    await show(false, false)
    expect(calls[0]!.signal.aborted).toBe(true)
    await show(true, false)
    expect(wrapper.text()).toBe('')
  })

  it('keepAlive with a key: whoever comes later sees what has come', async () => {
    const { wrapper, calls, streams, show } = mountTwo([{ key: 'a', keepAlive: true }])
    void streams[0]!.start('Hi')
    await show(false)
    calls[0]!.emit('while away')
    await flushPromises()
    await show(true)
    expect(wrapper.text()).toBe('while away')
    wrapper.unmount()
    expect(calls[0]!.signal.aborted).toBe(true)
  })

  it('keepAlive with a key: the options of whoever comes later count once those before have gone', async () => {
    const { fetch, calls } = createLiveFetch()
    const finished: string[] = []
    const streams: UseStreamReturn[] = []
    const Page = defineComponent({ props: { name: { type: String, required: true } }, setup({ name }) {
      streams.push(useStream({ fetch, key: 'a', keepAlive: true, body: () => ({ user: name }), onFinish: () => { finished.push(name) } }))
      return () => h('p')
    } })
    const name = ref('first')
    mounted.push(mount(defineComponent(() => () => h(Page, { name: name.value, key: name.value }))))
    void streams[0]!.start('One')
    name.value = 'second'
    await nextTick()
    calls[0]!.emit('Hi')
    calls[0]!.finish()
    await vi.waitFor(() => expect(finished).toEqual(['second']))
    void streams[1]!.start('Two')
    expect(calls[1]!.body.user).toBe('second')
  })

  it('immediate: asks once for all of its components, and for one that comes back', async () => {
    const options: UseStreamOptions = { key: 'a', immediate: true, keepAlive: true, body: { messages: [] } }
    const { calls, wrapper, show } = mountTwo([options, options])
    calls[0]!.emit('once')
    calls[0]!.finish()
    await show(false, false)
    await flushPromises()
    await show(true, false)
    await flushPromises()
    expect(calls).toHaveLength(1)
    expect(wrapper.text()).toBe('once')
  })

  it('watch: asks once for each change, however many components see it', async () => {
    const topic = ref('cats')
    const options: UseStreamOptions = { key: 'a', watch: topic, body: () => ({ messages: [{ role: 'user', content: topic.value }] }) }
    const { calls, show } = mountTwo([options, options])
    topic.value = 'dogs'
    await nextTick()
    expect(calls).toHaveLength(1)
    await show(false, true)
    topic.value = 'birds'
    await nextTick()
    expect(calls.map(({ body }) => body.messages)).toMatchObject([[{ content: 'dogs' }], [{ content: 'birds' }]])
  })

  it('watch: asks again for a change that another watcher makes in the same tick', async () => {
    const [topic, language] = [ref('cats'), ref('English')]
    const content = () => `${topic.value} in ${language.value}`
    const options: UseStreamOptions = { key: 'a', watch: [topic, language], body: () => ({ messages: [{ role: 'user', content: content() }] }) }
    const { calls } = mountTwo([options, options])
    watch(topic, () => { language.value = 'French' }, { flush: 'post' })
    topic.value = 'chats'
    await nextTick()
    expect(calls.filter(({ signal }) => !signal.aborted).map(({ body }) => body.messages)).toMatchObject([[{ content: 'chats in French' }]])
  })

  it('keeps other keys, and other apps, apart', async () => {
    const { streams } = mountTwo([{ key: 'a' }, { key: 'b' }])
    const { fetch } = createLiveFetch()
    let other!: UseStreamReturn
    const app = createApp(defineComponent(() => {
      other = useStream({ key: 'a', fetch })
      return () => null
    }))
    app.mount(document.createElement('div'))
    void streams[0]!.start('Hi')
    expect([streams[1]!.status.value, other.status.value]).toEqual(['ready', 'ready'] satisfies StreamStatus[])
    app.unmount()
  })

  it('warns once per use that says something else: the first options count', () => {
    const { warnHandler, calls, streams } = mountTwo([{ key: 'a', model: 'small' }, { key: 'a', model: 'large' }])
    expect(warnHandler).toHaveBeenCalledOnce()
    expect(warnHandler.mock.calls[0]![0]).toContain('key \'a\'')
    void streams[1]!.start('Hi')
    expect(calls[0]!.body.model).toBe('small')
  })
})
