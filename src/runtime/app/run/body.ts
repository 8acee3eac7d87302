import type { Decoder } from '../../shared/protocols/decoder'
import { createSseReader } from '../../shared/sse'
import type { SseMessage } from '../../shared/sse'
import type { Page } from './page'
import { owesTurn, turn } from './slice'

/** Bytes that are read between two looks at the clock: less than a millisecond of work. */
const PIECE = 32 * 1024
/** Milliseconds in which a body may end by itself once its answer is whole. */
const LINGER = 1000

export type BodyReader = ReadableStreamDefaultReader<Uint8Array>

/**
 * Reads until the answer or its body ends; rejects when the body breaks. It waits for nothing but bytes and, now and then,
 * the page's turn: never for a timer, and never for what is shown.
 */
export async function readBody(
  reader: BodyReader,
  decoder: Decoder,
  { page, accept, onRead }: {
    page: Page
    /** Whether a message is to be decoded. @default all are */
    accept?: (message: SseMessage) => boolean
    /** Bytes have come at this time, and are decoded. */
    onRead: (now: number) => void
  },
): Promise<void> {
  const sse = createSseReader(accept ? message => accept(message) && decoder.message(message) : decoder.message)
  let rested = page.now()
  while (!decoder.ended) {
    const { done, value } = await reader.read()
    if (done) break
    for (let from = 0; from < value.length && !decoder.ended; from += PIECE) {
      const now = page.now()
      sse.push(value.length > PIECE ? value.subarray(from, from + PIECE) : value)
      onRead(now)
      if (!owesTurn(page, rested, now)) continue
      await turn()
      rested = page.now()
    }
  }
  sse.end()
}

/**
 * Lets the body of a whole answer come to its own end: its connection can then be used again, and no tool shows a cancelled
 * request. What it still brings is not read.
 */
export async function linger(reader: BodyReader, page: Page): Promise<void> {
  const cancel = page.after(LINGER, () => dismiss(reader))
  try {
    while (!(await reader.read()).done);
  }
  catch {
    // The answer was whole before its connection broke.
  }
  cancel()
}

/** Ends the body here and now. */
export function dismiss(reader: BodyReader): void {
  reader.cancel().catch(() => {}) // it has failed before: nothing is left to end
}
