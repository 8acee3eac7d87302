import { mount } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useStream } from '../../src/runtime/app'
import { createFakeUpstream, createLiveAnswer, toFrames } from '../../src/runtime/testing'

afterEach(() => { vi.unstubAllGlobals() })

/** As an app writes it: it knows nothing of tests. */
const Page = defineComponent(() => {
  const { text, status, start, stop } = useStream()
  return () => [
    h('button', { class: 'start', onClick: () => void start('Two and two?') }),
    h('button', { class: 'stop', onClick: stop }),
    h('p', `${status.value}: ${text.value}`),
  ]
})

it('a component is tested with the fake upstream in place of the page\'s fetch', async () => {
  const live = createLiveAnswer()
  const upstream = createFakeUpstream({ respond: () => live })
  vi.stubGlobal('fetch', upstream.fetch)
  const page = mount(Page)
  await page.get('.start').trigger('click')
  live.emit(...toFrames({ text: ['Fo', 'ur.'] }, { protocol: 'chat' }).slice(0, 2))
  await vi.waitFor(() => expect(page.get('p').text()).toBe('streaming: Fo'))
  await page.get('.stop').trigger('click')
  expect(page.get('p').text()).toBe('ready: Fo')
  const call = await upstream.call(0)
  expect(call).toMatchObject({ path: '/api/llm/chat/completions', body: { messages: [{ content: 'Two and two?' }] } })
  expect(await call.ended).toBe('aborted')
  page.unmount()
})
