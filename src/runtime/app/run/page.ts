/** What a run needs to know of the page around it; passed in, so that tests hold the clock and the frames. */
export interface Page {
  /** Milliseconds on a clock that never jumps. */
  now: () => number
  /** Whether anything that is published can be seen. */
  visible: () => boolean
  /** Calls back once, before the next paint. `undefined` where nothing is painted. */
  frame: ((callback: () => void) => Cancel) | undefined
  /** Calls back once, after so many milliseconds. */
  after: (ms: number, callback: () => void) => Cancel
  /** Calls back whenever `visible` changes its answer, until cancelled. */
  onVisibility: (callback: () => void) => Cancel
}

/** Takes a request to be called back out again. Safe to call twice, and after the call. */
export type Cancel = () => void

/** The page that this code runs in: without a document nothing runs. Frames are missing in some that tests make. */
export function createPage(): Page {
  return {
    now: performance.now.bind(performance), // called for each chunk: looking the global up costs as much again
    visible: () => document.visibilityState !== 'hidden',
    frame: typeof requestAnimationFrame === 'undefined'
      ? undefined
      : (callback) => {
          const id = requestAnimationFrame(callback)
          return () => cancelAnimationFrame(id)
        },
    after(ms, callback) {
      const id = setTimeout(callback, ms)
      return () => clearTimeout(id)
    },
    onVisibility(callback) {
      document.addEventListener('visibilitychange', callback)
      return () => document.removeEventListener('visibilitychange', callback)
    },
  }
}
