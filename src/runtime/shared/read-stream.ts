import { createAccumulator } from './accumulator'
import { StreamError, isStreamError } from './errors'
import type { StreamEvent } from './events'
import { loadProtocol } from './protocols/index'
import { createDecoder } from './protocols/decoder'
import type { Decoder } from './protocols/decoder'
import { readWhole } from './protocols/whole'
import { toResult } from './result'
import type { StreamResult } from './result'
import { createSseReader } from './sse'
import type { ProtocolName } from './wire'

/** How a body is read. */
export interface ReadStreamOptions {
  /** The wire format of the body. */
  protocol: ProtocolName
  /** Most bytes of one event, 1 MiB if nothing is said, and of the whole body, without a limit if nothing is said. */
  limits?: {
    /** Most bytes that one event may have; more is `event_too_large`. @default 1 MiB */
    eventBytes?: number
    /** Most bytes that the whole body may have; more is `stream_limit`. @default none */
    streamBytes?: number
  }
}

/** A body as `fetch` gives it, or as Node's streams do. `null` is a response without one: an answer that broke off. */
export type StreamBody = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | null

/** The events of an answer, in a loop or one by one. */
export interface EventIterator extends AsyncIterableIterator<StreamEvent, undefined> {
  next: () => Promise<Step>
  /** Leaves: the body is cancelled, and no event follows. A loop that is left early does this by itself. */
  return: () => Promise<IteratorReturnResult<undefined>>
}

/**
 * Reads an answer event by event. Never throws: a failure is the last event, `end`. Leaving the loop early cancels the
 * body, and so does the end of the run. A body that is one JSON value (`stream: false`) gives the events of a stream.
 *
 * @example
 * import { readStream } from 'nuxt-llm-stream/protocol'
 *
 * const { body } = await fetch('https://llm.example.com/v1/chat/completions', { method: 'POST', body: '{ "stream": true }' })
 * for await (const event of readStream(body, { protocol: 'chat' })) {
 *   if (event.type === 'text-delta') process.stdout.write(event.delta)
 * }
 */
export function readStream(body: StreamBody, options: ReadStreamOptions): EventIterator {
  let events: StreamEvent[] = []
  let given = 0
  let source: Source | undefined
  /** The call that reads on; calls that overlap with it wait for it. */
  let reading: Promise<Step> | undefined
  let over = false
  let left = false

  // Written out, since each `await` between the body and the loop is felt where events come one by one (bench/protocol).
  function next(): Promise<Step> {
    if (given < events.length || over) return Promise.resolve(step())
    return reading = reading ? reading.then(next) : source ? source.read().then(onChunk, onFailure) : open()
  }

  function step(): Step {
    return left || given === events.length ? { value: undefined, done: true } : { value: events[given++]!, done: false }
  }

  async function open(): Promise<Step> {
    source = await openSource(body, options, event => events.push(event))
    if (left) source.close()
    reading = undefined
    return next()
  }

  function onChunk(chunk: Chunk): Step | Promise<Step> {
    events = []
    given = 0
    try {
      over ||= !source!.take(chunk)
    }
    catch (error) {
      return onFailure(error)
    }
    return afterReading()
  }

  function onFailure(error: unknown): Step | Promise<Step> {
    if (!over) source!.fail(error)
    over = true
    return afterReading()
  }

  function afterReading(): Step | Promise<Step> {
    if (over) source!.close()
    reading = undefined
    return given < events.length || over ? step() : next()
  }

  return {
    next,
    async return() {
      over = left = true
      source?.close()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() { return this },
  }
}

type Step = IteratorResult<StreamEvent, undefined>

/** Reads an answer to its end and gives what it came to. Never rejects. */
export async function collectStream(body: StreamBody, options: ReadStreamOptions): Promise<StreamResult> {
  const accumulator = createAccumulator()
  const source = await openSource(body, options, accumulator.add)
  try {
    while (source.take(await source.read()));
  }
  catch (error) {
    source.fail(error)
  }
  source.close()
  return toResult(accumulator.state)
}

/** A body on its way through a decoder. */
interface Source {
  read: () => Promise<Chunk>
  /** Decodes what was read; its events are emitted before the call returns. `false` after the last one. May throw. */
  take: (chunk: Chunk) => boolean
  /** Ends the run after `read` or `take` threw. */
  fail: (error: unknown) => void
  /** Lets go of the body, and waits for nothing: its owner may take any time. */
  close: () => void
}

async function openSource(body: StreamBody, { protocol, limits }: ReadStreamOptions, emit: (event: StreamEvent) => void): Promise<Source> {
  const decoder = createDecoder(await loadProtocol(protocol), emit)
  const feed = createFeed(decoder, protocol, limits)
  const { read, close } = chunksOf(body)
  return {
    read,
    take({ done, value }) {
      if (done || !value) feed.end()
      else feed.push(value)
      return !decoder.ended
    },
    fail: error => decoder.end(toFailure(error)),
    close,
  }
}

interface Feed {
  push: (chunk: Uint8Array) => void
  end: () => void
}

/** Counts bytes, tells JSON from SSE by its first character, and feeds the decoder with either. */
function createFeed(decoder: Decoder, protocol: ProtocolName, { eventBytes, streamBytes = Infinity }: NonNullable<ReadStreamOptions['limits']> = {}): Feed {
  const sse = createSseReader(decoder.message, { eventBytes })
  const text = new TextDecoder()
  let json: string | undefined
  let begun = false
  let bytes = 0

  function pass(chunk: Uint8Array): void {
    if (!begun) {
      const first = chunk.find(byte => !isBlank(byte))
      begun = first !== undefined
      // No line of an SSE body begins with a bracket.
      if (first === 0x7B || first === 0x5B) json = ''
    }
    if (json === undefined) sse.push(chunk)
    else json += text.decode(chunk, { stream: true })
  }

  return {
    push(chunk) {
      bytes += chunk.length
      const excess = bytes - streamBytes
      pass(excess > 0 ? chunk.subarray(0, chunk.length - excess) : chunk)
      if (excess > 0) throw tooLong(streamBytes)
    },
    end() {
      if (json === undefined) sse.end()
      else readWhole(json + text.decode(), protocol, decoder)
      decoder.end()
    },
  }
}

/** Whitespace, or a byte of a BOM. */
function isBlank(byte: number): boolean {
  return byte <= 0x20 || byte === 0xEF || byte === 0xBB || byte === 0xBF
}

interface Chunk {
  done?: boolean
  value?: Uint8Array
}

function chunksOf(body: StreamBody): Pick<Source, 'read' | 'close'> {
  if (body === null) return { read: async () => ({ done: true }), close() {} }
  // Safari's ReadableStream cannot be iterated.
  if ('getReader' in body) {
    const reader = body.getReader()
    return {
      read: () => reader.read(),
      close() {
        reader.cancel().catch(() => {}) // a body that broke cannot be cancelled, and need not be
        reader.releaseLock()
      },
    }
  }
  const iterator = body[Symbol.asyncIterator]()
  return {
    read: () => iterator.next(),
    close: () => void iterator.return?.().catch(() => {}), // as above
  }
}

function toFailure(error: unknown): StreamError {
  if (isStreamError(error)) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new StreamError({ code: 'stopped', message: 'Reading was aborted.', cause: error })
  return new StreamError({
    code: 'network_error', message: 'The connection broke while the answer was read.', retryable: true, cause: error,
  })
}

function tooLong(streamBytes: number): StreamError {
  return new StreamError({
    code: 'stream_limit', message: `The answer is longer than ${streamBytes} bytes. Raise limits.streamBytes if such answers are expected.`, status: 502,
  })
}
