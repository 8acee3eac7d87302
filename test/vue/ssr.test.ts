// @vitest-environment node
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSSRApp, defineComponent, h, ref } from 'vue'
import { renderToString } from 'vue/server-renderer'
import { createLlmStream, useStream } from '../../src/runtime/app'
import type { StreamResult, UseStreamOptions } from '../../src/runtime/app'

afterEach(() => { vi.restoreAllMocks() })

function createPageApp(options: UseStreamOptions) {
  const results: Promise<StreamResult>[] = []
  const app = createSSRApp(defineComponent(() => {
    const { text, status, start } = useStream(options)
    results.push(start('Hi'))
    return () => h('p', `${status.value}:${text.value}`)
  }))
  return { app, results }
}

describe('on a server', () => {
  it('nothing runs: no fetch, timer, clock, random value or listener', async () => {
    const used = [
      vi.spyOn(globalThis, 'fetch'),
      vi.spyOn(globalThis, 'setInterval'),
      vi.spyOn(Math, 'random'),
      vi.spyOn(Date, 'now'),
      vi.spyOn(performance, 'now'),
      vi.spyOn(EventTarget.prototype, 'addEventListener'),
    ]
    const timeout = vi.spyOn(globalThis, 'setTimeout')
    const body = vi.fn(() => ({}))
    const { app, results } = createPageApp({ immediate: true, watch: ref(1), key: 'a', body })
    expect(await renderToString(app)).toBe('<p>ready:</p>')
    for (const spy of [...used, timeout, body]) expect(spy).not.toHaveBeenCalled()
    expect(await results[0]).toMatchObject({ outcome: 'failed', error: { code: 'not_in_browser' } })
  })

  it('two pages that are rendered at once share nothing, even under one key', async () => {
    const saved: unknown[] = []
    const render = async (name: string) => {
      const context = createLlmStream()
      const app = createSSRApp(defineComponent({
        async setup() {
          const { state } = context.keyed.acquire('note', () => {
            const notes: string[] = []
            return { notes, dispose() {}, save: () => notes }
          }, () => {})
          await Promise.resolve()
          state.notes.push(name)
          const { status } = useStream({ key: 'shared' })
          await Promise.resolve()
          return () => h('p', `${state.notes.join()} ${status.value}`)
        },
      })).use(context)
      const html = await renderToString(app)
      saved.push(context.keyed.save())
      return html
    }
    expect(await Promise.all([render('one'), render('two')])).toEqual(['<p>one ready</p>', '<p>two ready</p>'])
    expect(saved).toEqual([{ note: ['one'] }, { note: ['two'] }])
  })
})
