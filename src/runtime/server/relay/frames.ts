import { DONE } from '../../shared/wire'
import { relayError } from './failures'

/**
 * One whole SSE event, in the form in which the client may have it: `event:` and `data:` lines only, each ended by LF.
 * The same object for every event: read it before the call returns.
 */
export interface Frame {
  /** The pushed chunk, where the event lies in it as it must be sent; else the scanner's own buffer, which it reuses. */
  bytes: Uint8Array
  /** `bytes[start, end)` is what to send, blank line included; empty when nothing of the event may be sent. */
  start: number
  end: number
  /** Value of the first `data:` line, and how many of these lines there are. */
  dataStart: number
  dataEnd: number
  dataLines: number
  /** Value of the last `event:` line; empty when there is none. */
  nameStart: number
  nameEnd: number
  /** Value of a field named `error`, which old llama.cpp servers send (wire.md §5). */
  errorField: Uint8Array | undefined
}

export interface FrameScanner {
  /** Takes the next bytes. Throws `event_too_large`. */
  push: (chunk: Uint8Array) => void
  /** The body has ended. An unfinished event is dropped, unless it is `[DONE]` (wire.md §1). */
  end: () => void
}

const LF = 0x0A
const CR = 0x0D
const SPACE = 0x20
const COLON = 0x3A
const BOM = [0xEF, 0xBB, 0xBF]

const NOTHING = new Uint8Array(0)
const LINE_FEED = Uint8Array.of(LF)
const DATA_FIELD = ascii('data')
const EVENT_FIELD = ascii('event')
const ERROR_FIELD = ascii('error')
const DONE_VALUE = ascii(DONE)

/** Room kept from one event to the next; what a larger event needed is given back. */
const SCRATCH_BYTES = 16 * 1024

/**
 * Finds the borders of SSE events in a body, whatever its line ends and wherever it is cut, and looks at each byte once.
 * An event that already has the form to send stays a slice of its chunk; only others are put together in a buffer.
 *
 * `onFrame` gets every event that has data or an `error` field. When it returns `false`, the rest is not read.
 *
 * [spec] https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createFrameScanner(onFrame: (frame: Frame) => boolean, eventBytes: number): FrameScanner {
  const frame: Frame = {
    bytes: NOTHING, start: 0, end: 0, dataStart: 0, dataEnd: 0, dataLines: 0, nameStart: 0, nameEnd: 0, errorField: undefined,
  }
  /** The event so far, where it is not one slice of one chunk. Its last line begins at `lineAt` and may be unfinished. */
  let scratch = NOTHING
  let scratchLength = 0
  let lineAt = 0
  let inScratch = false
  /** The unfinished line is one that is never sent: it is not kept. */
  let dropping = false
  let afterCR = false
  let bomAt = 0
  let stopped = false

  return { push, end }

  function push(chunk: Uint8Array): void {
    if (stopped) return
    const length = chunk.length
    let index = bomAt < BOM.length ? skipBom(chunk) : 0
    if (afterCR && index < length) {
      afterCR = false
      if (chunk[index] === LF) index++
    }

    // [wire] Hardly anybody sends CR, so one native search each spares a look at every byte: 50 against 220 ns an event.
    const findLineEnd = afterCR || chunk.includes(CR, index) ? indexOfLineEnd : indexOfLF
    let lineStart = index
    let eventStart = index
    for (let stop = findLineEnd(chunk, index); stop >= 0; stop = findLineEnd(chunk, lineStart)) {
      let next = stop + 1
      if (chunk[stop] === CR) {
        if (next === length) afterCR = true
        else if (chunk[next] === LF) next++
        // Its line ends have to become LF, so the event cannot stay a slice.
        if (!inScratch && stop > eventStart) moveToScratch(chunk, eventStart, lineStart)
      }

      if (inScratch) {
        endScratchLine(chunk, lineStart, stop)
        eventStart = next
      }
      else if (stop === lineStart) {
        endEvent(chunk, eventStart, next)
        eventStart = next
      }
      else if (!readLine(chunk, lineStart, stop)) {
        if (eventStart === lineStart) eventStart = next
        else moveToScratch(chunk, eventStart, lineStart)
      }
      if (stopped) return
      lineStart = next
    }
    if (eventStart < length) keepRest(chunk, eventStart, lineStart)
  }

  function end(): void {
    if (stopped || !inScratch) return
    if (!dropping && scratchLength > lineAt) finishScratchLine()
    frame.bytes = scratch
    if (isDone(frame)) {
      append(LINE_FEED, 0, 1)
      endEvent(scratch, 0, scratchLength)
    }
  }

  /** Skips a byte order mark, which may be cut anywhere. Part of one is junk, and so is the line that it begins. */
  function skipBom(chunk: Uint8Array): number {
    let index = 0
    while (bomAt < BOM.length && index < chunk.length) {
      if (chunk[index] === BOM[bomAt]) {
        bomAt++
        index++
        continue
      }
      if (bomAt > 0) inScratch = dropping = true
      bomAt = BOM.length
    }
    return index
  }

  function endScratchLine(chunk: Uint8Array, start: number, stop: number): void {
    if (dropping) dropping = false
    else {
      append(chunk, start, stop)
      if (scratchLength === lineAt) {
        append(LINE_FEED, 0, 1)
        endEvent(scratch, 0, scratchLength)
        return
      }
      finishScratchLine()
    }
    if (scratchLength === 0) inScratch = false
  }

  function finishScratchLine(): void {
    if (readLine(scratch, lineAt, scratchLength)) append(LINE_FEED, 0, 1)
    else scratchLength = lineAt
    lineAt = scratchLength
  }

  /** Takes note of a line's field. `false`: not a line to send. */
  function readLine(bytes: Uint8Array, start: number, stop: number): boolean {
    if (isField(DATA_FIELD, bytes, start, stop)) {
      if (++frame.dataLines === 1) {
        frame.dataStart = valueStart(DATA_FIELD, bytes, start, stop)
        frame.dataEnd = stop
      }
      return true
    }
    if (isField(EVENT_FIELD, bytes, start, stop)) {
      frame.nameStart = valueStart(EVENT_FIELD, bytes, start, stop)
      frame.nameEnd = stop
      return true
    }
    if (isField(ERROR_FIELD, bytes, start, stop)) frame.errorField = bytes.slice(valueStart(ERROR_FIELD, bytes, start, stop), stop)
    return false
  }

  function endEvent(bytes: Uint8Array, start: number, stop: number): void {
    if (stop - start > eventBytes) throw relayError('event_too_large')
    if (frame.dataLines > 0 || frame.errorField) {
      frame.bytes = bytes
      frame.start = start
      frame.end = frame.dataLines > 0 ? stop : start
      stopped = !onFrame(frame)
    }
    frame.dataLines = frame.nameStart = frame.nameEnd = 0
    frame.errorField = undefined
    scratchLength = lineAt = 0
    inScratch = false
    if (scratch.length > SCRATCH_BYTES) scratch = NOTHING
  }

  /** From here on the event is put together in the buffer: its whole lines so far, `chunk[start, stop)`, come first. */
  function moveToScratch(chunk: Uint8Array, start: number, stop: number): void {
    inScratch = true
    append(chunk, start, stop)
    lineAt = scratchLength
    frame.dataStart -= start
    frame.dataEnd -= start
    frame.nameStart -= start
    frame.nameEnd -= start
  }

  function keepRest(chunk: Uint8Array, eventStart: number, lineStart: number): void {
    if (!inScratch) moveToScratch(chunk, eventStart, lineStart)
    if (dropping) return
    const first = chunk[lineStart]
    if (scratchLength === lineAt && first !== undefined && first !== DATA_FIELD[0] && first !== EVENT_FIELD[0]) dropping = true
    else append(chunk, lineStart, chunk.length)
  }

  function append(bytes: Uint8Array, start: number, stop: number): void {
    const length = scratchLength + stop - start
    if (length > eventBytes) throw relayError('event_too_large')
    if (length > scratch.length) {
      const grown = new Uint8Array(Math.max(512, length, Math.min(2 * scratch.length, eventBytes)))
      grown.set(scratch.subarray(0, scratchLength))
      scratch = grown
    }
    scratch.set(start === 0 && stop === bytes.length ? bytes : bytes.subarray(start, stop), scratchLength)
    scratchLength = length
  }
}

/** Whether the event's data is `[DONE]`, the terminal of Chat Completions. */
export function isDone({ bytes, dataStart, dataEnd, dataLines }: Frame): boolean {
  if (dataLines !== 1 || dataEnd - dataStart !== DONE_VALUE.length) return false
  return startsWith(DONE_VALUE, bytes, dataStart)
}

function indexOfLF(chunk: Uint8Array, from: number): number {
  return chunk[from] === LF ? from : chunk.indexOf(LF, from)
}

function indexOfLineEnd(chunk: Uint8Array, from: number): number {
  for (let index = from; index < chunk.length; index++) {
    if (chunk[index] === LF || chunk[index] === CR) return index
  }
  return -1
}

/** `[spec]` A line without a colon is a field with an empty value. */
function isField(name: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (bytes[start] !== name[0] || stop - start < name.length || !startsWith(name, bytes, start)) return false
  return stop - start === name.length || bytes[start + name.length] === COLON
}

/** `[spec]` One space after the colon does not belong to the value. */
function valueStart(name: Uint8Array, bytes: Uint8Array, start: number, stop: number): number {
  const value = Math.min(stop, start + name.length + 1)
  return value < stop && bytes[value] === SPACE ? value + 1 : value
}

function startsWith(prefix: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let index = 0; index < prefix.length; index++) {
    if (bytes[start + index] !== prefix[index]) return false
  }
  return true
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}
