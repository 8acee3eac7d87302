import type { Fetch } from '../../src/runtime/app/run/request'

/** One request, and the hand of the test on its answer. */
export interface LiveCall {
  url: string
  method: string
  keepalive: boolean
  headers: Record<string, string>
  body: Record<string, unknown>
  signal: AbortSignal
  /** Sends the head: 200 and SSE unless told otherwise. Done by the first `emit` where it was not. */
  head: (status?: number, headers?: Record<string, string>, body?: string) => void
  /** Sends one chunk per value: text as a Chat Completions delta, anything else as it is. */
  emit: (...chunks: (string | object | Uint8Array)[]) => void
  /** Ends the body, after `finish_reason: 'stop'` and `[DONE]`. */
  finish: () => void
  /** Ends the body where it is. */
  end: () => void
  /** Breaks the connection. */
  fail: (error?: unknown) => void
  /** Whether the reader has gone away. */
  readonly cancelled: boolean
}

/** A `fetch` whose answers a test writes while they are read. */
export function createLiveFetch(): { fetch: Fetch, calls: LiveCall[] } {
  const calls: LiveCall[] = []
  const fetch: Fetch = (url, init) => new Promise<Response>((resolve, reject) => {
    const signal = init.signal ?? new AbortController().signal
    const encoder = new TextEncoder()
    let controller!: ReadableStreamDefaultController<Uint8Array>
    let cancelled = false
    let headed = false
    const stream = new ReadableStream<Uint8Array>({ start(given) { controller = given }, cancel() { cancelled = true } })
    const fail = (error: unknown) => {
      reject(error)
      if (!cancelled) controller.error(error)
    }
    const call: LiveCall = {
      url,
      method: init.method ?? 'GET',
      keepalive: init.keepalive ?? false,
      headers: init.headers as Record<string, string>,
      body: JSON.parse((init.body ?? '{}') as string) as Record<string, unknown>,
      signal,
      get cancelled() { return cancelled || signal.aborted },
      head(status = 200, headers = { 'content-type': 'text/event-stream' }, body) {
        headed = true
        resolve(new Response(status === 204 ? null : body ?? stream, { status, headers }))
      },
      emit(...chunks) {
        if (!headed) call.head()
        for (const chunk of chunks) controller.enqueue(chunk instanceof Uint8Array ? chunk : encoder.encode(toFrame(chunk)))
      },
      finish() {
        call.emit({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, encoder.encode('data: [DONE]\n\n'))
        controller.close()
      },
      end: () => controller.close(),
      fail: (error = new TypeError('network error')) => fail(error),
    }
    signal.addEventListener('abort', () => fail(signal.reason))
    calls.push(call)
  })
  return { fetch, calls }
}

/** One frame of Chat Completions. */
export function toFrame(chunk: string | object): string {
  const message = typeof chunk === 'string' ? { choices: [{ index: 0, delta: { content: chunk }, finish_reason: null }] } : chunk
  return `data: ${JSON.stringify(message)}\n\n`
}
