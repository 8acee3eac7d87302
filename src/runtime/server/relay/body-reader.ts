import type { EndSignal } from './light-signal'
import type { TransportBody } from './transport'

export interface ReadBody {
  bytes: Uint8Array
  /** `whole`: all of it. `cut`: the limit came first. Else what it broke off with, or the reason of the signal. */
  end: 'whole' | 'cut' | { error: unknown }
}

/** Reads a body into memory, up to a limit, and closes it. Never rejects: what came before a break is given too. */
export function readBody(body: TransportBody, limit: number, signal: EndSignal): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    const onAbort = () => finish({ error: signal.reason })
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort)
    body.start({
      chunk(bytes) {
        chunks.push(bytes)
        length += bytes.length
        if (length > limit) finish('cut')
      },
      end: () => finish('whole'),
      fail: error => finish({ error }),
    })

    function finish(end: ReadBody['end']): void {
      signal.removeEventListener('abort', onAbort)
      body.cancel()
      resolve({ bytes: concat(chunks).subarray(0, limit), end })
    }
  })
}

/** Joins pieces into one; a single one is not copied. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
