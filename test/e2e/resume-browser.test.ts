import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { createFakeUpstream, createLiveAnswer, demoResponder, toFrames } from '../../src/runtime/testing'
import { launchChromium, waitForHydration } from '../setup/browser'
import { startPlayground } from '../setup/playground'
import { startRedis } from '../setup/redis'
import { startRoundRobin } from '../setup/round-robin'
import type { BuiltServer } from '../setup/server'

const words = Array.from({ length: 60 }, (_, index) => `word${index} `)
const whole = words.join('').trim()
const frames = toFrames({ text: words }, { protocol: 'chat' })

const upstream = createFakeUpstream()
let browser: Browser
let server: BuiltServer
let baseURL: string
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  baseURL = `${(await upstream.listen()).url}/v1`
  ;[browser, server] = await Promise.all([launchChromium(inject('chromium')), startPlayground(baseURL)])
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await upstream.close()
})
beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
  page.on('pageerror', error => complaints.push(String(error)))
})
afterEach(async () => {
  await page.context().close()
  upstream.clear()
  expect(complaints.splice(0)).toEqual([])
})

/** The upstream's next answer: it says so many words, and the rest when the test wants. */
function hold() {
  const live = createLiveAnswer()
  let said = 0
  const say = (until: number) => {
    live.emit(...frames.slice(said, until))
    said = until
  }
  upstream.respond = () => live
  say(5)
  return {
    say,
    finish() {
      say(frames.length)
      live.end()
    },
  }
}

async function visit(path: string, origin = server.url): Promise<void> {
  await page.goto(origin + path)
  await waitForHydration(page)
}

async function reload(): Promise<void> {
  await page.reload()
  await waitForHydration(page)
}

/** Waits until an element says this, among other things. */
const says = (selector: string, text: string, where = page) => where.locator(selector).filter({ hasText: text }).last().waitFor()
const textOf = async (selector: string, where = page) => (await where.locator(selector).last().textContent())!.replace(/\s+/g, ' ').trim()

/** Begins an answer on the page about resuming, and waits for its first words. */
async function begin(origin?: string): Promise<void> {
  await visit('/resume', origin)
  await page.getByRole('button', { name: 'Start a long answer' }).click()
  await says('#text', 'word3')
}

/** Notes every status that the page shows from now on. */
async function watchStatus(): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const element = document.querySelector('#status')!
    const seen = [element.textContent!.trim()]
    new MutationObserver(() => seen.push(element.textContent!.trim())).observe(element, { childList: true, characterData: true, subtree: true })
    Object.assign(window, { seen })
  })
  return () => page.evaluate(() => (window as unknown as { seen: string[] }).seen)
}

const isFollowing = (request: { method: () => string, url: () => string }) => request.method() === 'GET' && request.url().includes('/api/llm/streams/')

describe('useStream', () => {
  it('goes on with its answer after a reload', async () => {
    const answer = hold()
    await begin()
    await reload()
    await says('#text', 'word3')
    answer.say(20)
    await says('#text', 'word18')
    await reload()
    answer.finish()
    await says('#outcome', 'complete')
    expect(await textOf('#text')).toBe(whole)
    expect(upstream.calls.map(({ state }) => state)).toEqual(['sent'])

    await reload()
    expect(await textOf('#status')).toBe('ready')
    expect(await textOf('#text')).toBe('')
  })

  it('goes on when the network is back, and nobody sees that it was gone', async () => {
    const network = await startRoundRobin([server.url])
    try {
      const answer = hold()
      await begin(network.url)
      const statuses = await watchStatus()
      const broken = page.waitForEvent('requestfailed', request => request.method() === 'POST')
      await page.context().setOffline(true) // which by itself leaves open connections alone
      network.cut()
      await broken
      answer.say(30)
      const followed = page.waitForRequest(isFollowing)
      await page.context().setOffline(false)
      expect((await followed).headers()['last-event-id']).toBe('6')
      answer.finish()
      await says('#outcome', 'complete')
      expect(await textOf('#text')).toBe(whole)
      expect(await statuses()).toEqual(['streaming', 'ready'])
      expect(upstream.calls).toHaveLength(1)
    }
    finally {
      network.close()
    }
  })

  it('can be left, and come back to', async () => {
    const answer = hold()
    await begin()
    await page.getByRole('button', { name: 'Leave it going' }).click()
    await says('#status', 'ready')
    answer.say(20)
    expect(await textOf('#text')).toBe(words.slice(0, 4).join('').trim())
    await page.getByRole('button', { name: 'Come back' }).click()
    await says('#text', 'word18')
    answer.finish()
    await says('#outcome', 'complete')
    expect(await textOf('#text')).toBe(whole)
    expect(upstream.calls).toHaveLength(1)
  })

  it('ends at the upstream when its last tab is closed and nobody comes back', async () => {
    const impatient = await startPlayground(baseURL, { NUXT_LLM_STREAM_RESUME: '{"orphanGrace":300}' })
    try {
      hold()
      await begin(impatient.url)
      await page.close()
      expect(await upstream.calls[0]!.ended).toBe('aborted')
    }
    finally {
      await impatient.close()
    }
  })

  it('shows the answer in a second tab as well, and Stop in either ends it in both and at the upstream', async () => {
    const answer = hold()
    await begin()
    const opened = page.context().waitForEvent('page')
    await page.getByRole('link', { name: 'Second tab' }).click()
    const second = await opened
    await waitForHydration(second)
    await says('#text', 'word3', second)
    answer.say(20)
    for (const tab of [page, second]) await says('#text', 'word18', tab)
    // It remembers the run, and its address names it: that is one run.
    await second.reload()
    await says('#text', 'word18', second)
    await says('#status', 'streaming')

    await second.getByRole('button', { name: 'Stop' }).click()
    expect(await upstream.calls[0]!.ended).toBe('aborted')
    for (const tab of [page, second]) {
      await says('#outcome', 'stopped', tab)
      expect(await textOf('#text', tab)).toBe(words.slice(0, 19).join('').trim())
    }
    expect(upstream.calls).toHaveLength(1)
  })

  it('misses nothing when the process that it reads from is killed', async () => {
    const redis = await startRedis()
    const servers = await Promise.all([0, 1].map(() => startPlayground(baseURL, {
      NUXT_LLM_STREAM_RESUME: '{"driver":"redis"}',
      NUXT_LLM_STREAM_RESUME_SECRET: 'a long random string',
      NUXT_LLM_STREAM_REDIS_URL: redis.url,
    })))
    const balancer = await startRoundRobin(servers.map(({ url }) => url))
    try {
      const answer = hold()
      balancer.only = 0
      await begin(balancer.url)
      balancer.only = 1
      await reload()
      await says('#text', 'word3')
      const statuses = await watchStatus()
      balancer.only = undefined
      await servers[1]!.close('SIGKILL')
      answer.finish()
      await says('#outcome', 'complete')
      expect(await textOf('#text')).toBe(whole)
      expect(await statuses()).toEqual(['streaming', 'ready'])
      expect(upstream.calls).toHaveLength(1)
    }
    finally {
      balancer.close()
      await Promise.all(servers.map(server => server.close('SIGKILL')))
      await redis.close()
    }
  })
})

describe('useConversation', () => {
  async function send(text: string): Promise<void> {
    const box = page.getByPlaceholder('Say something')
    await box.fill(text)
    await box.press('Enter')
  }

  const settled = () => page.locator('[data-status=ready]').waitFor()

  it.each(['/chat', '/chat/saved'])('goes on with its answer after a reload, in the same place (%s)', async (path) => {
    const answer = hold()
    await visit(path)
    const saved = path === '/chat/saved' && page.waitForResponse(response => response.request().method() === 'PUT')
    await send('Count.')
    await says('article', 'word3')
    await saved
    await reload()
    await says('article', 'word3')
    answer.finish()
    await says('article', 'word59')
    await settled()
    expect(await page.locator('article').count()).toBe(2)
    expect(await textOf('article')).toContain(whole)
    expect(upstream.calls.map(({ state }) => state)).toEqual(['sent'])
  })

  it('asks again before it repeats what a tool was doing at the reload', async () => {
    upstream.respond = demoResponder({ delay: 0 })
    // The dice of the playground roll for 600 ms: here until the test has reloaded the page.
    await page.addInitScript(() => {
      const { setTimeout } = window
      window.setTimeout = ((callback: () => void, ms: number) => setTimeout(callback, ms === 600 && !sessionStorage.getItem('left') ? 2 ** 30 : ms)) as typeof setTimeout
    })
    await visit('/chat')
    await send('Roll the dice')
    await page.locator('.tool-call[data-state=input-available]').waitFor()
    await expect.poll(() => page.evaluate(() => localStorage.getItem('playground-chat'))).toContain('input-available')
    await page.evaluate(() => sessionStorage.setItem('left', 'yes'))
    await reload()
    expect(await page.locator('.tool-call').getAttribute('data-state')).toBe('approval-requested')
    expect(upstream.calls).toHaveLength(1)
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.locator('.tool-call[data-state=output-available]').waitFor()
    await settled()
    expect(upstream.calls).toHaveLength(2)
    expect(await page.locator('article').count()).toBe(2)
  })
})
