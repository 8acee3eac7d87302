import { expect, inject, it, onTestFinished } from 'vitest'
import { createLiveAnswer, toFrames } from '../../src/runtime/testing'
import { openTabs } from '../setup/tabs'
import { serveVueApp } from '../setup/vue-app'

it('goes on in a hidden tab, where no frame is painted, to the end of the answer', async () => {
  const [app, tabs] = await Promise.all([serveVueApp(), openTabs(inject('chromium'))])
  onTestFinished(async () => {
    await tabs.close()
    await app.close()
  })
  const live = createLiveAnswer()
  app.upstream.respond = () => live
  const tab = await tabs.open(app.url)
  const shown = () => tab.evaluate('document.querySelector("output")?.textContent + document.querySelector(".text")?.textContent.trim()')
  await expect.poll(shown).toBe('ready ')
  await tab.evaluate('document.querySelector(".start").click()')
  const frames = toFrames({ text: ['One ', 'two ', 'three.'] }, { protocol: 'chat' })
  live.emit(...frames.splice(0, 2))
  await expect.poll(shown).toBe('streaming One')

  await tabs.open('about:blank')
  await expect.poll(() => tab.evaluate('document.visibilityState')).toBe('hidden')
  const painted = await tab.evaluate('probe.frames')
  live.emit(...frames.splice(0, 1))
  await expect.poll(shown, { timeout: 5000 }).toBe('streaming One two')
  live.emit(...frames)
  live.end()
  await expect.poll(shown, { timeout: 5000 }).toBe('ready completeOne two three.')
  expect(await tab.evaluate('probe.frames')).toBe(painted)
})
