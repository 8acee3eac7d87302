import type { Cancel, Page } from './page'

/** When what was read is shown: once per painted frame, for each chunk read, or at most every so many milliseconds. */
export type Publish = 'frame' | 'sync' | number

export interface Publisher {
  /** There is something new: it is written when its time has come. */
  changed: () => void
  /** Writes at once, and leaves nothing to be written later. */
  flush: () => void
  /** Drops what is pending and stops listening to the page. */
  close: () => void
}

/** Milliseconds between two writes that nobody sees. */
const HIDDEN = 250
/** Milliseconds between two writes where there are no frames. */
const FRAMELESS = 16

/** Decides when to `write`, and does nothing else: `write` takes what is newest then. */
export function createPublisher(publish: Publish, page: Page, write: () => void): Publisher {
  let cancel: Cancel | undefined
  let written = -Infinity
  // A frame asked for in a hidden tab does not come until it is shown, and a slow timer would outlast its time.
  const leave = page.onVisibility(() => {
    if (!cancel) return
    cancel()
    schedule()
  })

  function schedule(): void {
    const rest = typeof publish === 'number' ? Math.max(written + publish - page.now(), 0) : undefined
    if (!page.visible()) cancel = page.after(Math.max(HIDDEN, rest ?? 0), flush)
    else if (rest !== undefined) cancel = page.after(rest, flush)
    else cancel = page.frame?.(flush) ?? page.after(FRAMELESS, flush)
  }

  function flush(): void {
    cancel?.()
    cancel = undefined
    if (typeof publish === 'number') written = page.now()
    write()
  }

  return {
    changed() {
      if (publish === 'sync') write()
      else if (!cancel) schedule()
    },
    flush,
    close() {
      cancel?.()
      cancel = undefined
      leave()
    },
  }
}
