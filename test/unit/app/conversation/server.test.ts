import { expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createLlmStream, useConversation } from '../../../../src/runtime/app'
import type { UIMessage, UseConversationReturn } from '../../../../src/runtime/app'

const said: UIMessage[] = [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] }]

async function render(setup: (chat: UseConversationReturn) => void, id?: string) {
  const fetch = vi.fn()
  const plugin = createLlmStream()
  const app = createSSRApp(defineComponent(() => {
    const chat = useConversation({ id, fetch })
    setup(chat)
    return () => h('p', `${chat.status.value} ` + chat.messages.value.flatMap(({ parts }) => parts.map(part => part.type === 'text' ? part.text : '')).join(' '))
  })).use(plugin)
  return { html: await renderToString(app), fetch, saved: plugin.keyed.save() }
}

it('asks nothing while a page is rendered on the server', async () => {
  const results: Promise<unknown>[] = []
  const { html, fetch } = await render((chat) => {
    results.push(chat.send('Hello?'), chat.regenerate(), chat.resume())
  })
  expect(await Promise.all(results)).toMatchObject([{ error: { code: 'not_in_browser' } }, { outcome: 'failed' }, null])
  expect(html).toBe('<p>ready </p>')
  expect(fetch).not.toHaveBeenCalled()
})

it('gives the payload the messages of a conversation that has an id', async () => {
  const { html, saved } = await render(chat => chat.setMessages(said), 'main')
  expect(html).toBe('<p>ready Hello?</p>')
  expect(JSON.parse(JSON.stringify(saved))).toEqual({ 'conversation:main': said })
  expect((await render(chat => chat.setMessages(said))).saved).toBeUndefined()
})
