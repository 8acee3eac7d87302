import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

/** Starts the Chromium that `inject('chromium')` names. Whoever starts it closes it. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
}

/** Opens a page of a Nuxt app and waits until Vue has taken it over: before that a click does nothing. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(url)
  await waitForHydration(page)
  return page
}

export async function waitForHydration(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as NuxtWindow).useNuxtApp?.().isHydrating === false)
}

/** Nuxt puts its app there for test tools. */
type NuxtWindow = typeof window & { useNuxtApp?: () => { isHydrating?: boolean } }
