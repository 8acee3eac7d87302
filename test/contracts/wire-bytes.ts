/** Ways in which the same bytes may reach a reader. */

export const BOM = new Uint8Array([0xEF, 0xBB, 0xBF])

/** A body that comes in these chunks, as `fetch` gives it. */
export function bodyOf(chunks: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
}

/** One chunk for each byte. */
export function* everyByte(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.slice(at, at + 1)
}

/** The bytes cut at these places, in any order; some may be the same, which gives empty chunks. */
export function* cutAt(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  let from = 0
  for (const to of [...places].sort((a, b) => a - b)) {
    yield bytes.slice(from, to)
    from = to
  }
  yield bytes.slice(from)
}

/** The bytes with another end of line than LF. */
export function withLineEnds(bytes: Uint8Array, lineEnd: string): Uint8Array {
  return lineEnd === '\n' ? bytes : encode(decode(bytes).replaceAll('\n', lineEnd))
}

/** The bytes up to the frame that ends the run (wire.md §4); all of them if there is none. */
export function beforeTerminal(bytes: Uint8Array): Uint8Array {
  const frames = decode(bytes).split(/(?<=\n\n)/)
  const terminal = frames.findIndex(frame => /^data: ?\[DONE\]|(?:"type":"|^event: )(?:response\.(?:completed|incomplete|cancelled|done)|message_stop)\b/m.test(frame))
  return terminal === -1 ? bytes : encode(frames.slice(0, terminal).join(''))
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
