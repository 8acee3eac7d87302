import { concat } from '../body-reader'
import type { ClientListener, ClientSink } from '../sink'

/** Bytes that wait for the reader before the relay is told to. */
const HIGH_WATER_BYTES = 16 * 1024

/** [spec] These have no body: https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY = new Set([204, 205, 304])

export interface StreamSink {
  sink: ClientSink
  /** Settles when the head is known. Never rejects. */
  response: Promise<Response>
}

/**
 * Feeds a web `Response`. Its stream holds nothing of its own: bytes wait here until the reader asks, so a reader that does
 * not is seen at once. `signal` is the request's, which tells on some platforms what `cancel` does not.
 */
export function createStreamSink(signal: AbortSignal): StreamSink {
  let head: [status: number, headers: Record<string, string>] = [200, {}]
  let respond: ((response: Response) => void) | undefined
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let waiting: Uint8Array[] = []
  let length = 0
  /** Set while the reader waits for bytes. */
  let asked: (() => void) | undefined
  let state: 'open' | 'ended' | 'over' = 'open'
  let roomAgain: (() => void)[] = []
  let gone = false
  let listener: ClientListener | undefined

  const response = new Promise<Response>((resolve) => { respond = resolve })
  const stream = new ReadableStream<Uint8Array>({
    start(given) { controller = given },
    pull: () => new Promise((resolve) => {
      asked = resolve
      serve()
    }),
    cancel: leave,
  }, { highWaterMark: 0 })
  signal.addEventListener('abort', leave)
  if (signal.aborted) leave()

  const sink: ClientSink = {
    head(status, headers) {
      head = [status, headers]
    },
    write(bytes) {
      if (state !== 'open') return true
      sendHead()
      waiting.push(bytes)
      length += bytes.length
      serve()
      return length < HIGH_WATER_BYTES
    },
    drained() {
      if (state === 'over' || (state === 'open' && length < HIGH_WATER_BYTES)) return Promise.resolve()
      return new Promise(resolve => roomAgain.push(resolve))
    },
    end() {
      if (state !== 'open') return
      sendHead()
      state = 'ended'
      serve()
    },
    destroy() {
      if (state === 'over') return
      sendHead()
      over()
      controller.error(new Error('The connection was cut.'))
    },
    onGone(given) {
      listener = given
      if (gone) listener.onGone()
    },
  }
  return { sink, response }

  function sendHead(): void {
    // [spec] Connections are the server's, and HTTP/2 has no such field: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
    const [status, { connection: _, ...headers }] = head
    respond?.(new Response(NULL_BODY.has(status) ? null : stream, { status, headers }))
    respond = undefined
  }

  /** Gives the reader all that waits, if it has asked. */
  function serve(): void {
    if (length > 0 && asked) {
      controller.enqueue(concat(waiting))
      waiting = []
      length = 0
      answerPull()
    }
    if (state === 'ended' && length === 0) {
      over()
      controller.close()
    }
    else if (length < HIGH_WATER_BYTES && state === 'open') settleDrained()
  }

  function answerPull(): void {
    const resolve = asked
    asked = undefined
    resolve?.()
  }

  /** The reader is gone. */
  function leave(): void {
    if (state === 'over') return
    const early = state === 'open'
    sendHead()
    over()
    if (!early) return
    gone = true
    listener?.onGone()
  }

  function over(): void {
    state = 'over'
    waiting = []
    length = 0
    signal.removeEventListener('abort', leave)
    answerPull()
    settleDrained()
  }

  function settleDrained(): void {
    const resolves = roomAgain
    roomAgain = []
    for (const resolve of resolves) resolve()
  }
}
