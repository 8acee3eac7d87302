import type { LogEntry, LogProducer, LogWriter, RunEnd, StopReason, StreamLog } from '../server/relay/logs/log'

/** A producer that notes what it is told. */
export interface RecordingProducer extends LogProducer {
  /** What it was told, in order. */
  heard: string[]
  stopped: Promise<StopReason>
  orphaned: Promise<unknown>
}

export function listen(): RecordingProducer {
  const heard: string[] = []
  const { promise: stopped, resolve: stop } = deferred<StopReason>()
  const { promise: orphaned, resolve: orphan } = deferred<undefined>()
  return {
    heard,
    stopped,
    orphaned,
    stop: reason => (heard.push(reason), stop(reason)),
    orphan: () => (heard.push('orphan'), orphan(undefined)),
    lost: () => heard.push('lost'),
  }
}

/** Appends frames of differing sizes in appends of differing lengths; gives them as text. */
export function append(writer: LogWriter, count: number, from = 0): string[] {
  const frames = Array.from({ length: count }, (_, index) => `data: {"n":${from + index},"text":"${'ä'.repeat((from + index) * 7 % 90)}"}\n\n`)
  for (let start = 0, length = 1; start < count; start += length, length = start % 4 + 1) {
    const some = frames.slice(start, start + length)
    writer.append(new TextEncoder().encode(some.join('')), some.length)
  }
  return frames
}

/** Reads as the relay does: leaves out what the cursor covers, and stops after the end, enough frames, or the signal. */
export async function collect(log: StreamLog, id: string, cursor: number, enough = Infinity, signal = new AbortController().signal) {
  const frames: string[] = []
  let end: RunEnd | undefined
  let next = Math.max(cursor, 1) + 1
  for await (const entry of log.read(id, cursor, signal) as AsyncIterable<LogEntry>) {
    if (entry.kind === 'end') {
      end = entry.end
      continue
    }
    const batch = new TextDecoder().decode(entry.bytes).split(/(?<=\n\n)/)
    same(batch.length, entry.last - entry.first + 1)
    if (entry.first > next) throw new Error(`Frame ${next} is missing: the log went on with ${entry.first}.`)
    frames.push(...batch.slice(next - entry.first))
    next = Math.max(next, entry.last + 1)
    if (frames.length >= enough) break
  }
  return { frames, end }
}

/** Expects a rejection with this `code`. */
export async function fails(promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.then(() => undefined, error => error)
  const actual = typeof error === 'object' && error !== null && 'code' in error ? error.code : String(error)
  if (actual !== code) throw new Error(`Expected a failure with code ${code}, got ${actual}.`)
}

/** Compares by JSON, which is what crosses the wire. */
export function same(actual: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (left !== right) throw new Error(`Expected ${shorten(right)}, got ${shorten(left)}.`)
}

function shorten(text = 'undefined'): string {
  return text.length > 400 ? `${text.slice(0, 400)} … (${text.length} characters)` : text
}

/** Whether the promise settles before so many milliseconds have passed. */
export function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([promise.then(() => true, () => true), pause(ms).then(() => false)])
}

/** A run id as the relay makes them. */
export function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replaceAll('+', '-').replaceAll('/', '_').slice(0, 22)
}

function deferred<T>(): { promise: Promise<T>, resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  return { promise: new Promise<T>(done => resolve = done), resolve }
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
