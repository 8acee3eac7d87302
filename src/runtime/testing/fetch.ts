import type { HttpAnswer } from './answer'
import type { Front } from './fake-upstream'
import type { Channel } from './play'

/** The part of `fetch` that a client needs, so that no runtime's own type is asked for. */
export type FakeFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * The way in that needs no network: a call is a `Request`, its answer a `Response` that is fed as it is read. An address may be
 * a path alone, as in a page.
 */
export function createFetch(handle: (front: Front) => Promise<void>, closing: AbortSignal): FakeFetch {
  return (input, init) => new Promise((resolve, reject) => {
    const request = new Request(typeof input === 'string' ? new URL(input, 'http://fake') : input, init)
    const gone = new AbortController()
    const signal = AbortSignal.any([request.signal, gone.signal, closing])
    const { pathname, search } = new URL(request.url)
    // A closed upstream is a broken connection; the caller's own abort keeps its reason, as with any fetch.
    const reason = () => request.signal.aborted ? request.signal.reason : new TypeError('fetch failed')
    const fail = () => reject(reason())
    if (signal.aborted) return fail()
    signal.addEventListener('abort', fail, { once: true })

    void handle({
      head: { method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers), connection: undefined },
      readText: () => request.text(),
      start(answer) {
        const { channel, stream } = openStream(signal, reason, () => gone.abort())
        resolve(toResponse(answer, stream))
        return channel
      },
      startRaw: () => rawChannel(reject),
      breakOff(error) {
        reject(error)
        gone.abort()
      },
      signal,
    })
  })
}

function toResponse({ status = 200, headers }: HttpAnswer, stream: ReadableStream<Uint8Array>): Response {
  const bodiless = status === 204 || status === 205 || status === 304
  return new Response(bodiless ? null : stream, { status, headers })
}

function openStream(signal: AbortSignal, reason: () => unknown, onCancel: () => void) {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let onPull = () => {}
  const stream = new ReadableStream<Uint8Array>({
    start(given) { controller = given },
    pull() { onPull() },
    cancel: onCancel,
  })
  signal.addEventListener('abort', () => controller.error(reason()), { once: true })
  const breakOff = async (inside?: Uint8Array) => {
    if (inside) controller.enqueue(inside)
    controller.error(new TypeError('terminated'))
  }
  const channel: Channel = {
    send(chunk) {
      controller.enqueue(chunk)
      if ((controller.desiredSize ?? 0) > 0) return
      return new Promise<void>((resolve) => { onPull = resolve })
    },
    async end() { controller.close() },
    cut: breakOff,
    reset: () => breakOff(),
  }
  return { channel, stream }
}

/** Bytes that write their own head cannot pass through a `Response`; a connection that breaks or says nothing can. */
function rawChannel(reject: (reason: unknown) => void): Channel {
  const fail = async () => reject(new TypeError('fetch failed'))
  return {
    send() {
      throw new TypeError('A raw answer with bytes needs a real port: use listen() instead of fetch.')
    },
    end: fail,
    cut: fail,
    reset: fail,
  }
}
