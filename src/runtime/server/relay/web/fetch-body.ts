import { relayError } from '../failures'
import type { BodyListener, TransportBody } from '../transport'

/** How long a body may take to end by itself once nothing more is wanted of it, so that its connection can be used again. */
const LEAVE_MS = 50

/**
 * The body of a `fetch`, pushed: one read at a time, none while paused. `call` aborts the `fetch`, since Bun leaves the socket open
 * when only the reader is cancelled.
 */
export function createFetchBody(stream: ReadableStream<Uint8Array> | null, call: AbortController): TransportBody {
  let listener: BodyListener | undefined
  let paused: Promise<void> | undefined
  let unpause = () => {}
  let over = false
  let leaving: ReturnType<typeof setTimeout> | undefined

  return { start, pause, resume, finish, cancel }

  function start(given: BodyListener): void {
    listener = given
    void read()
  }

  async function read(): Promise<void> {
    try {
      const reader = stream?.getReader()
      for (;;) {
        if (paused) await paused
        if (over) return
        const { done, value } = await reader?.read() ?? { done: true, value: undefined }
        if (over) return
        if (done) return settle(() => listener?.end())
        if (!listener) return cancel()
        listener.chunk(value)
      }
    }
    catch (error) {
      settle(() => listener?.fail(relayError('upstream_reset', { cause: error })))
    }
  }

  function pause(): void {
    paused ??= new Promise((resolve) => { unpause = resolve })
  }

  function resume(): void {
    paused = undefined
    unpause()
  }

  function finish(): void {
    if (over) return
    listener = undefined
    leaving = setTimeout(cancel, LEAVE_MS)
    resume()
  }

  function cancel(): void {
    listener = undefined
    settle(() => call.abort())
    resume()
  }

  function settle(tell: () => void): void {
    if (over) return
    over = true
    clearTimeout(leaving)
    tell()
  }
}
