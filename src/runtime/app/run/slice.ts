import type { Page } from './page'

/** Milliseconds of reading before the page gets a turn: half of a frame at 60 Hz. */
const BUDGET = 8

/**
 * Whether it is time for {@link turn}: a page that can be seen has had none since `since`. Waiting for the network counts
 * like work: telling them apart would cost more than the turn does.
 */
export function owesTurn(page: Page, since: number, now: number): boolean {
  return now - since >= BUDGET && page.frame !== undefined && page.visible()
}

/**
 * Gives the page one turn, to paint and to take input. Without it a backlog of chunks never leaves the microtask queue, and
 * no frame is painted until all of it is read. A timer would be held to 4 ms here, and to a second in a hidden tab.
 */
export function turn(): Promise<void> {
  const { scheduler } = globalThis as { scheduler?: { yield?: () => Promise<void> } } // not in TypeScript's DOM library yet
  if (scheduler?.yield) return scheduler.yield()
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      // An open port keeps a Node process alive.
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
