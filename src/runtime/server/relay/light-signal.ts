/** Says that something is to end, in the words of an `AbortSignal`, which is one, too. */
export interface EndSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted: () => void
  addEventListener: (type: 'abort', listener: EndListener) => void
  removeEventListener: (type: 'abort', listener: EndListener) => void
}

/** A function, or an object, which costs no closure. [spec] https://dom.spec.whatwg.org/#callbackdef-eventlistener */
export type EndListener = (() => void) | { handleEvent: () => void }

/** Calls the listener when the signal aborts, at once where it has; the returned function takes that back. */
export function onAbort(signal: EndSignal, listener: () => void): () => void {
  signal.addEventListener('abort', listener)
  if (signal.aborted) listener()
  return () => signal.removeEventListener('abort', listener)
}

/** Ends something. In place of an `AbortController`, which takes half a kilobyte of every open stream, and a while to make. */
export class LightSignal implements EndSignal {
  aborted = false
  reason: unknown
  /** Replaced, not changed: a list has no room to spare, and a listener may take itself off it. */
  private listeners: readonly EndListener[] = []

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    for (const listener of this.listeners) {
      if (typeof listener === 'function') listener()
      else listener.handleEvent()
    }
    this.listeners = []
  }

  addEventListener(_type: 'abort', listener: EndListener): void {
    if (!this.aborted) this.listeners = this.listeners.concat(listener)
  }

  removeEventListener(_type: 'abort', listener: EndListener): void {
    this.listeners = this.listeners.filter(other => other !== listener)
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  /** The same as a signal, for code that must have one. */
  toAbortSignal(): AbortSignal {
    const controller = new AbortController()
    this.addEventListener('abort', () => controller.abort(this.reason))
    if (this.aborted) controller.abort(this.reason)
    return controller.signal
  }
}
