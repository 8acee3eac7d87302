import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { defineComponent, effectScope, h } from 'vue'
import { useStream } from '../../src/runtime/app/composables/useStream'
import type { UseStreamOptions, UseStreamReturn } from '../../src/runtime/app'
import { createLiveFetch } from '../support/live-fetch'

function mountStream(options: UseStreamOptions = {}) {
  const { fetch, calls } = createLiveFetch()
  let stream!: UseStreamReturn
  const wrapper = mount(defineComponent(() => {
    stream = useStream({ fetch, ...options })
    return () => h('p', stream.text.value)
  }))
  return { wrapper, stream, calls }
}

const mounted: { unmount: () => void }[] = []
afterEach(() => { for (const wrapper of mounted.splice(0)) wrapper.unmount() })

it('posts what start is given, and shows the answer while it grows', async () => {
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

it('stops the request, keeps the text and settles as stopped', async () => {
  const { stream, calls } = mountStream()
  const run = stream.start('Hello?')
  calls[0]!.emit('Hel')
  await flushPromises()
  stream.stop()
  expect(stream).toMatchObject({ status: { value: 'ready' }, outcome: { value: 'stopped' }, text: { value: 'Hel' } })
  expect(calls[0]!.signal.aborted).toBe(true)
  expect(await run).toMatchObject({ outcome: 'stopped', text: 'Hel' })
})

it('ends the request when its component is unmounted', async () => {
  const { stream, calls, wrapper } = mountStream()
  const run = stream.start('Hello?')
  calls[0]!.emit('Hel')
  await flushPromises()
  wrapper.unmount()
  expect(calls[0]!.signal.aborted).toBe(true)
  expect(await run).toMatchObject({ outcome: 'stopped' })
})

it('shows an error of the relay, keeps the text, and can be tried again', async () => {
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
  calls[1]!.finish()
})

it('is at home in a bare effect scope, and outside of any', async () => {
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
