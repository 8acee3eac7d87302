import type { Page } from 'playwright-core'
import { toFrames } from '../../src/runtime/testing'
import type { Probe } from '../../test/fixtures/vue-app/src/probe'
import { launchChromium } from '../../test/setup/browser'
import { CHROMIUM, requireProgram } from '../../test/setup/programs'
import { serveVueApp } from '../../test/setup/vue-app'

/** What one answer did to the page. */
interface Figures extends Probe {
  deltas: number
  /** The longest task of over 50 ms while the answer came; 0 when there was none. */
  longestTaskMs: number
  /** The last change of the page's text after the last byte was read; 0 when it was shown before. */
  lateMs: number
}

interface Watch { longestTaskMs: number, endedAt: number, changedAt: number }

/** Streams an answer as fast as models do, and one that is there already, and says what the page did meanwhile. */
export async function measure({ deltas }: { deltas: number }): Promise<{ spread: Figures, waiting: Figures, version: string }> {
  const app = await serveVueApp()
  const browser = await launchChromium(requireProgram(CHROMIUM))
  try {
    const stream = async (words: number, body: (frames: string[]) => string | AsyncIterable<string>, query: string): Promise<Figures> => {
      app.upstream.respond = () => ({
        headers: { 'content-type': 'text/event-stream' },
        body: body(toFrames({ text: Array.from({ length: words }, () => 'word ') }, { protocol: 'chat' })),
      })
      const page = await browser.newPage()
      await page.addInitScript(watchPage)
      await page.goto(`${app.url}/${query}`)
      const figures = await ask(page, words)
      await page.close()
      return figures
    }
    await stream(100, frames => frames.join(''), '') // warms the relay up
    return {
      spread: await stream(deltas, spread, '?past=50'),
      waiting: await stream(2000, frames => frames.join(''), '?past=50'),
      version: browser.version(),
    }
  }
  finally {
    await browser.close()
    await app.close()
  }
}

async function ask(page: Page, words: number): Promise<Figures> {
  await page.click('#answer-1 .start')
  await page.waitForFunction(() => document.querySelector('#answer-1 output')?.textContent === 'ready complete', undefined, { timeout: 60_000 })
  const shown = await page.locator('#answer-1 .text').textContent()
  if (shown?.trim() !== 'word '.repeat(words).trim()) throw new Error(`The page shows ${shown?.length} characters of ${words} words.`)
  return page.evaluate((deltas) => {
    const { longestTaskMs, endedAt, changedAt } = (window as unknown as { watch: Watch }).watch
    return { ...(window as unknown as { probe: Probe }).probe, deltas, longestTaskMs, lateMs: Math.max(0, changedAt - endedAt) }
  }, words)
}

/** Runs in the page before its own scripts: notes long tasks, the end of the answer's body, and the last change of its text. */
function watchPage(): void {
  const watch: Watch = { longestTaskMs: 0, endedAt: Infinity, changedAt: 0 }
  Object.assign(window, { watch })
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (asked && startTime > asked) watch.longestTaskMs = Math.max(watch.longestTaskMs, duration)
  }).observe({ type: 'longtask' })
  let asked = 0
  addEventListener('click', () => { asked = performance.now() }, { capture: true })

  const { read } = ReadableStreamDefaultReader.prototype
  ReadableStreamDefaultReader.prototype.read = function () {
    return read.call(this).then((result) => {
      if (result.done) watch.endedAt = performance.now()
      return result
    })
  }
  new MutationObserver((changes) => {
    if (changes.some(({ target }) => (target.parentElement ?? target as Element).closest('.text'))) watch.changedAt = performance.now()
  }).observe(document, { subtree: true, characterData: true, childList: true })
}

/** About 750 frames a second, as real time allows. */
async function* spread(frames: string[]): AsyncIterable<string> {
  const began = performance.now()
  for (let sent = 0; sent < frames.length;) {
    const due = Math.min(frames.length, Math.ceil((performance.now() - began) * 0.75))
    if (due > sent) yield frames.slice(sent, due).join('')
    sent = Math.max(sent, due)
    await new Promise(resolve => setTimeout(resolve, 4))
  }
}
