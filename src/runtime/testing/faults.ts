import type { Answer, Body, BodyStep, Fault, Reply } from './answer'
import { isChunk, toBytes, toSteps } from './body'
import type { RecordedCall } from './call'

/** The body ends properly after so many chunks: an answer that is cut short and does not look it. */
export function endAfter(chunks: number): Fault {
  return interruptAfter(chunks, () => [])
}

/** The body ends properly in the middle of the frame that comes after so many chunks. */
export function halfFrameAfter(chunks: number): Fault {
  return interruptAfter(chunks, next => [next.subarray(0, next.byteLength / 2)])
}

/** The connection closes in the middle of the HTTP chunk that comes after so many. */
export function cutAfter(chunks: number): Fault {
  return interruptAfter(chunks, next => [{ do: 'cut', inside: next.subarray(0, next.byteLength / 2) }])
}

/** The connection is reset after so many chunks; 0 is right after the head. */
export function resetAfter(chunks: number): Fault {
  return interruptAfter(chunks, () => [{ do: 'reset' }])
}

/** Nothing comes any more after so many chunks, and the connection stays. */
export function stallAfter(chunks: number): Fault {
  return interruptAfter(chunks, () => [{ do: 'stall' }])
}

/** Only `ping` comes any more after so many chunks, again and again: an upstream that lives and says nothing. */
export function pingAfter(chunks: number, { ms, ping = ': ping\n\n' }: { ms: number, ping?: string }): Fault {
  return interruptAfter(chunks, () => repeat([{ do: 'wait', ms }, ping]))
}

/** One event without an end comes after so many chunks, as fast as it is taken, until `bytes` were sent. */
export function giantEventAfter(chunks: number, { bytes = Number.POSITIVE_INFINITY }: { bytes?: number } = {}): Fault {
  return interruptAfter(chunks, () => giantEvent(bytes))
}

/** The answer waits after so many chunks until the promise is fulfilled: the test holds it, looks, and lets it go. */
export function holdAfter(chunks: number, release: Promise<unknown>): Fault {
  return answer => ({ ...answer, body: again(() => hold(answer.body, chunks, release)) })
}

/** The same bytes, cut into chunks of `bytes` wherever that falls, `ms` milliseconds apart. */
export function trickle({ bytes = 1, ms = 0 }: { bytes?: number, ms?: number } = {}): Fault {
  return answer => ({ ...answer, body: again(() => slice(answer.body, bytes, ms)) })
}

/** Another content type; `null`: none. */
export function contentType(type: string | null): Fault {
  return ({ headers = {}, ...answer }) => {
    const { 'content-type': _, ...others } = headers
    return { ...answer, headers: type === null ? others : { ...others, 'content-type': type } }
  }
}

/** Compressed, though nobody asked for it. */
export function gzipped(): Fault {
  return answer => ({ ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' }, gzip: true })
}

/** Sends the caller elsewhere. */
export function redirect(location: string, status = 302): Answer {
  return { status, headers: { location }, body: '' }
}

/** What a captive portal or a CDN answers in place of an API. */
export function htmlPage({ status = 200, bytes = 0 }: { status?: number, bytes?: number } = {}): Answer {
  const page = '<!doctype html><title>Sign in</title><p>Please sign in to use this network.</p>'
  return { status, headers: { 'content-type': 'text/html' }, body: page.padEnd(bytes) }
}

/** Takes the request and never answers. */
export function silence(): Answer {
  return { raw: [{ do: 'stall' }] }
}

/** Takes the request and resets the connection before the first byte. */
export function hangUp(): Answer {
  return { raw: [{ do: 'reset' }] }
}

/** A head that comes byte by byte and has no end. */
export function slowHead(ms: number): Answer {
  const head = function* () {
    yield 'HTTP/1.1 200 OK\r\n'
    yield* repeat(['x-more: and more\r\n'])
  }
  return { raw: again(() => slice(head(), 1, ms)) }
}

/** The first reply to the first call, the second to the second; the last one stays. */
export function inTurn(...replies: readonly [Reply, ...Reply[]]): (call: RecordedCall) => Reply {
  let turn = 0
  return () => replies[Math.min(turn++, replies.length - 1)]!
}

type Interruption = (next: Uint8Array) => Iterable<BodyStep>

function interruptAfter(chunks: number, then: Interruption): Fault {
  return answer => ({ ...answer, body: again(() => interrupt(answer.body, chunks, then)) })
}

/** A generator is used up by one call; this body begins again for the next. */
function again(begin: () => AsyncGenerator<BodyStep>): Body {
  return { [Symbol.asyncIterator]: begin }
}

async function* interrupt(body: Body, chunks: number, then: Interruption): AsyncGenerator<BodyStep> {
  let sent = 0
  for await (const step of toSteps(body)) {
    if (isChunk(step) && sent++ === chunks) return yield* then(toBytes(step))
    yield step
  }
  yield* then(new Uint8Array())
}

async function* hold(body: Body, chunks: number, release: Promise<unknown>): AsyncGenerator<BodyStep> {
  let sent = 0
  for await (const step of toSteps(body)) {
    if (isChunk(step) && sent++ === chunks) await release
    yield step
  }
  if (sent <= chunks) await release
}

async function* slice(body: Body, bytes: number, ms: number): AsyncGenerator<BodyStep> {
  for await (const step of toSteps(body)) {
    if (!isChunk(step)) {
      yield step
      continue
    }
    const chunk = toBytes(step)
    for (let start = 0; start < chunk.byteLength; start += bytes) {
      if (ms > 0) yield { do: 'wait', ms }
      yield chunk.subarray(start, start + bytes)
    }
  }
}

function* repeat(steps: readonly BodyStep[]): Generator<BodyStep> {
  for (;;) yield* steps
}

function* giantEvent(bytes: number): Generator<BodyStep> {
  const filling = new Uint8Array(64 * 1024).fill(0x78)
  yield 'data: '
  for (let sent = 0; sent < bytes; sent += filling.byteLength) yield filling
  yield '\n\n'
}
