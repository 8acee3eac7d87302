import { flushPromises } from '@vue/test-utils'
import { expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { useStream } from '../../src/runtime/app'
import { createLiveFetch } from '../support/live-fetch'

it('hydrates what the server rendered without a warning, and starts only then', async () => {
  const warn = vi.spyOn(console, 'warn')
  const error = vi.spyOn(console, 'error')
  const { fetch, calls } = createLiveFetch()
  const root = document.createElement('div')
  root.innerHTML = '<p>ready:</p>' // what test/vue/ssr.test.ts sees the server render
  const firstRenders: string[] = []
  const app = createSSRApp(defineComponent(() => {
    const { text, status } = useStream({ immediate: true, fetch, publish: 'sync' })
    return () => {
      firstRenders.push(status.value)
      return h('p', `${status.value}:${text.value}`)
    }
  }))
  app.mount(root)
  expect(firstRenders).toEqual(['ready'])
  await flushPromises()
  expect(calls).toHaveLength(1)
  calls[0]!.emit('Hi')
  await flushPromises()
  expect(root.innerHTML).toBe('<p>streaming:Hi</p>')
  expect([...warn.mock.calls, ...error.mock.calls]).toEqual([])
  app.unmount()
})
