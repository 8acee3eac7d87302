import { createParser } from 'eventsource-parser'
import { StreamError } from './errors'
import { DONE, ERROR_FRAME } from './wire'

/** One SSE message: what the fields of an event amount to when its blank line arrives. */
export interface SseMessage {
  /** The `event:` name, where there was one. */
  event?: string
  /** All `data:` lines, joined by LF. */
  data: string
  /** The last `id:` field. */
  id?: string
}

export interface SseReaderOptions {
  /** Most bytes that the data of one event may have. @default 1 MiB */
  eventBytes?: number
}

/** Turns the bytes of a body into messages, each pushed before the call returns. */
export interface SseReader {
  /** Throws `StreamError` `event_too_large`; the reader is of no use after that. */
  push: (chunk: Uint8Array) => void
  /**
   * The body has ended. An unfinished event is dropped, except when its data is exactly `[DONE]`.
   * [wire] llama.cpp ends its last frame without the blank line.
   */
  end: () => void
}

/** Default of {@link SseReaderOptions.eventBytes}. */
export const EVENT_BYTES = 1_048_576

const STREAM = { stream: true }

/** What a field's name and its padding may add to an unfinished line beyond the data that counts. */
const LINE_SLACK = 64

/**
 * Reads an SSE body. Line ends of all three kinds, a BOM, and cuts anywhere, inside a code point too, change nothing.
 * A line `error: {…}` becomes a message of event `error`: old llama.cpp servers send their failures so.
 */
export function createSseReader(onMessage: (message: SseMessage) => void, { eventBytes = EVENT_BYTES }: SseReaderOptions = {}): SseReader {
  const decoder = new TextDecoder() // drops a BOM at the start
  let afterCarriageReturn = false
  /** The line that has no end yet. */
  let unfinished = ''
  let ending = false

  const parser = createParser({
    maxBufferSize: eventBytes + LINE_SLACK,
    onEvent(message) {
      if (ending && message.data !== DONE) return
      // The parser's own limit is on what it holds back: an event that came in one chunk never was.
      if (message.data.length * 3 > eventBytes && byteLength(message.data) > eventBytes) throw tooLarge(eventBytes)
      onMessage(message)
    },
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw tooLarge(eventBytes)
      if (error.field === 'error' && !ending) onMessage({ event: ERROR_FRAME, data: error.value ?? '' })
    },
  })

  /**
   * All line ends become LF, and the parser gets whole lines. It would take CR too, but a CR that ends a chunk holds its event
   * back until the next one, and looking for CR in a chunk without any is done again for each line. Of a line in pieces its
   * version 4 drops what begins no field of the specification, and so the `error:` lines that we read.
   */
  function feed(text: string): void {
    if (text === '') return // bytes of a code point that is not whole yet
    if (afterCarriageReturn || text.includes('\r')) {
      if (afterCarriageReturn && text.startsWith('\n')) text = text.slice(1)
      afterCarriageReturn = text.endsWith('\r')
      text = text.replace(/\r\n?/g, '\n')
    }
    if (unfinished === '' && text[text.length - 1] === '\n') return parser.feed(text) // as a relay writes: whole frames
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) {
      parser.feed(unfinished + text.slice(0, end))
      unfinished = ''
    }
    unfinished += text.slice(end)
    if (unfinished.length > eventBytes + LINE_SLACK) throw tooLarge(eventBytes)
  }

  return {
    push(chunk) {
      feed(decoder.decode(chunk, STREAM))
    },
    end() {
      feed(decoder.decode())
      ending = true
      parser.feed(`${unfinished}\n\n`)
    },
  }
}

/** Writes one frame: the inverse of what {@link createSseReader} gives. */
export function formatFrame({ event, data, id }: SseMessage): string {
  let frame = ''
  if (id !== undefined) frame += `id: ${id}\n`
  if (event !== undefined) frame += `event: ${event}\n`
  for (const line of data.split(/\r\n|[\r\n]/)) frame += `data: ${line}\n`
  return `${frame}\n`
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

function tooLarge(eventBytes: number): StreamError {
  return new StreamError({
    code: 'event_too_large',
    message: `One event of the stream is larger than ${eventBytes} bytes. Raise limits.eventBytes if such events are expected.`,
    status: 502,
  })
}
