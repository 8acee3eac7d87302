/** Bytes of an answer that are read at most before its connection breaks. */
const MOST_BYTES = 1_000

/**
 * A viewer of a run whose connection breaks so many times, each time at a random byte, and who comes back behind the last
 * whole frame. Gives the frames that it kept, as they came, when the run has ended.
 */
export async function watchRestlessly(read: (after: number) => Promise<Response>, breaks: number, most = MOST_BYTES): Promise<string> {
  const kept: string[] = []
  for (let visit = 0; visit <= breaks; visit++) {
    const cursor = kept.length && kept.length + 1 // the first frame has number 2
    const received = await take(await read(cursor), visit < breaks ? 1 + Math.floor(Math.random() * most) : Infinity)
    kept.push(...(received.match(/[^\n].*?\n\n/gs) ?? []).filter(frame => !frame.startsWith(':')))
  }
  return kept.join('')
}

/** How the one answer goes on whose first connection is going to break. */
interface BrokenRun {
  /** The first answer, by POST. */
  response: Response
  /** Bytes that are said before it breaks, at least. */
  said: number
  /** Says the rest. */
  goOn: () => void
  /** Reads on behind a frame, by GET. */
  read: (after: number) => Promise<Response>
}

/** Breaks the connection that began a run at a random byte and comes back behind the last whole frame, while the rest is said. */
export function comeBackOnce({ response, said, goOn, read }: BrokenRun): Promise<string> {
  let visits = 0
  return watchRestlessly(async (after) => {
    if (visits++ === 0) return response
    setImmediate(goOn)
    return read(after)
  }, 1, said)
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
