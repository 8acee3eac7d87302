import { expect, inject, it, onTestFinished } from 'vitest'
import { createLiveAnswer, toFrames } from '../../src/runtime/testing'
import { openTabs } from '../setup/tabs'
import { serveVueApp } from '../setup/vue-app'

/** A page in the middle of an answer that is left, and kept by the browser. */
async function leaveInMidAnswer({ resume }: { resume: boolean }) {
  const [app, tabs] = await Promise.all([serveVueApp({ resume }), openTabs(inject('chromium'))])
  onTestFinished(async () => {
    await tabs.close()
    await app.close()
  })
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  const query = resume ? '?resume' : '?streams=1'
  const tab = await tabs.open(`${app.url}/${query}`)
  const shown = () => tab.evaluate('document.querySelector("output")?.textContent + document.querySelector(".text")?.textContent.trim()')
  const expectPage = (search: string) => expect.poll(() => tab.evaluate('location.search')).toBe(search)
  await expect.poll(shown).toBe('ready ')
  await tab.evaluate('kept = false, addEventListener("pageshow", ({ persisted }) => kept = persisted), document.querySelector(".start").click()')
  const frames = toFrames({ text: ['One ', 'two ', 'three.'] }, { protocol: 'chat' })
  live.emit(...frames.splice(0, 2))
  await expect.poll(shown).toBe('streaming One')
  await tab.evaluate('void (location.search = "?past=1")')
  await expectPage('?past=1')

  return {
    app, tab, live, frames, shown,
    async comeBack() {
      await tab.evaluate('history.back()')
      await expectPage(query)
      expect(await tab.evaluate('kept')).toBe(true)
    },
  }
}

it('ends an answer that nobody could come back to when its page is left, and shows it so when the page is shown again', async () => {
  const { app, tab, shown, comeBack } = await leaveInMidAnswer({ resume: false })
  expect(await (await app.upstream.call(0)).ended).toBe('aborted')
  await comeBack()
  await expect.poll(shown).toBe('ready stoppedOne')
  app.upstream.respond = () => ({ text: 'Once more.' })
  await tab.evaluate('document.querySelector(".start").click()')
  await expect.poll(shown).toBe('ready completeOnce more.')
})

it('goes on with an answer that is kept when its page is shown again, though the connection broke meanwhile', async () => {
  const { app, live, frames, shown, comeBack } = await leaveInMidAnswer({ resume: true })
  live.emit(frames.shift()!)
  app.cutConnections()
  await comeBack()
  await expect.poll(shown, { timeout: 5000 }).toBe('streaming One two')
  live.emit(...frames)
  live.end()
  await expect.poll(shown, { timeout: 5000 }).toBe('ready completeOne two three.')
  expect(app.upstream.calls).toHaveLength(1)
})
