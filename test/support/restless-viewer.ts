/** Bytes of an answer that are read at most before its connection breaks. */
const MOST_BYTES = 1_000

/**
 * A viewer of a run whose connection breaks so many times, each time at a random byte, and who comes back behind the last
 * whole frame. Gives the frames that it kept, as they came, when the run has ended.
 */
export async function watchRestlessly(read: (after: number) => Promise<Response>, breaks: number): Promise<string> {
  const kept: string[] = []
  for (let visit = 0; visit <= breaks; visit++) {
    const cursor = kept.length && kept.length + 1 // the first frame has number 2
    const received = await take(await read(cursor), visit < breaks ? 1 + Math.floor(Math.random() * MOST_BYTES) : Infinity)
    kept.push(...(received.match(/[^\n].*?\n\n/gs) ?? []).filter(frame => !frame.startsWith(':')))
  }
  return kept.join('')
}

/** Asks again while every seat seems taken: the relay needs a moment to notice that a connection broke. */
export async function untilSeated(read: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await read()
    if (response.status !== 429) return response
    await response.text()
  }
}

/** The first bytes of an answer, or all of it. */
async function take(response: Response, bytes: number): Promise<string> {
  if (response.status !== 200) throw new Error(`The relay answered ${response.status}: ${await response.text()}`)
  const reader = response.body!.getReader()
  const chunks: Uint8Array[] = []
  for (let length = 0; length < bytes;) {
    const { value, done } = await reader.read()
    if (done) break
    chunks.push(value)
    length += value.length
  }
  void reader.cancel()
  return Buffer.concat(chunks).subarray(0, bytes).toString()
}
