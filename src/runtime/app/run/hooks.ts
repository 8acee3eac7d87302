import type { StreamError } from '../../shared/errors'
import type { StreamEvent } from '../../shared/events'
import type { ToolCall } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'

/** Callbacks of the app. None is awaited, and none can end or delay a run: what it throws or rejects with is reported. */
export interface StreamHooks<TObject = unknown> {
  /** Every event, as it is decoded. */
  onEvent?: (event: StreamEvent) => void
  /** New characters of the text (choice 0). */
  onText?: (delta: string) => void
  /** A tool call that is closed: `ready` with its `input`, or `invalid`. */
  onToolCall?: (call: ToolCall) => void
  /** A run has failed or was truncated. Before `onFinish`. */
  onError?: (error: StreamError) => void
  /** A run has ended, whatever its outcome; not called for one that was replaced by another, or disconnected. */
  onFinish?: (result: StreamResult<TObject>) => void
}

/** Calls one hook so that nothing it does comes back. */
export function callHook<T>(hook: ((value: T) => unknown) | undefined, value: T, report: (error: unknown) => void): void {
  try {
    const returned = hook?.(value)
    if (returned instanceof Promise) returned.catch(report)
  }
  catch (error) {
    report(error)
  }
}
