import type { BodyListener, TransportBody } from './transport'
import type { EndSignal } from './light-signal'
import { concat } from './body-reader'

export type ContentKind = 'sse' | 'json' | 'other'

/** What an answer says it is; `undefined` when it does not say. */
export function contentKind(contentType: string | undefined): ContentKind | undefined {
  if (!contentType) return
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase()
  if (mediaType === 'text/event-stream') return 'sse'
  return mediaType === 'application/json' || mediaType.endsWith('+json') ? 'json' : 'other'
}

const SSE_STARTS = ['data:', 'event:', ':', 'id:', 'retry:']

/** Longer than a byte order mark and any of these. */
const SNIFFED_BYTES = 9

/** What a body without a content type is, by its first bytes. `undefined`: more are needed. */
export function sniffKind(bytes: Uint8Array): ContentKind | undefined {
  // The decoder takes a byte order mark away.
  const start = new TextDecoder().decode(bytes.subarray(0, SNIFFED_BYTES)).trimStart()
  if (SSE_STARTS.some(word => start.startsWith(word))) return 'sse'
  if (start.startsWith('{') || start.startsWith('[')) return 'json'
  return bytes.length < SNIFFED_BYTES && SSE_STARTS.some(word => word.startsWith(start)) ? undefined : 'other'
}

export interface PeekedBody {
  kind: ContentKind
  /** The same body, from its first byte. */
  body: TransportBody
}

/** Waits for the first bytes of a body to tell what it is. Rejects when it breaks before that, or the signal aborts: then it is cancelled. */
export function peek(body: TransportBody, signal: EndSignal): Promise<PeekedBody> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    const held: Uint8Array[] = []
    let listener: BodyListener = {
      chunk(bytes) {
        held.push(bytes)
        decide(sniffKind(concat(held)))
      },
      end: () => decide('other'),
      fail(error) {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    }
    let over: (() => void) | undefined
    let isWanted = true
    body.start({
      chunk: bytes => listener.chunk(bytes),
      end: () => listener.end(),
      fail: error => listener.fail(error),
    })

    /** From here to the second `start` the body is paused; what still comes is held. */
    function decide(kind: ContentKind | undefined): void {
      if (!kind) return
      signal.removeEventListener('abort', onAbort)
      body.pause()
      listener = {
        chunk: bytes => held.push(bytes),
        end() { over = () => listener.end() },
        fail(error) { over = () => listener.fail(error) },
      }
      resolve({ kind, body: {
        start,
        pause() {
          isWanted = false
          body.pause()
        },
        resume() {
          isWanted = true
          body.resume()
        },
        finish: () => body.finish(),
        cancel: () => body.cancel(),
      } })
    }

    function onAbort(): void {
      body.cancel()
      reject(signal.reason)
    }

    function start(given: BodyListener): void {
      listener = given
      for (const bytes of held) given.chunk(bytes)
      if (over) over()
      else if (isWanted) body.resume() // what was held may have been too much already
    }
  })
}
