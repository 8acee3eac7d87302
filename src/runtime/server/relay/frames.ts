import { relayError } from './failures'
import { DATA_FIELD, ERROR_FIELD, EVENT_FIELD, isDone, isField, valueStart } from './frame-fields'

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

export interface FrameListener {
  /** Gets every event that has data or an `error` field. `false`: the rest is not to be read. */
  frame: (frame: Frame) => boolean
}

export interface FrameScanner {
  /** Takes the next bytes. Throws `event_too_large`. */
  push: (chunk: Uint8Array) => void
  /** The body has ended. An unfinished event is dropped, unless it is `[DONE]` (wire.md §1). */
  end: () => void
}

const LF = 0x0A
const CR = 0x0D
const BOM = [0xEF, 0xBB, 0xBF]

const NOTHING = new Uint8Array(0)
const LINE_FEED = Uint8Array.of(LF)

/** Room kept from one event to the next; what a larger event needed is given back. */
const SCRATCH_BYTES = 16 * 1024

/**
 * Finds the borders of SSE events in a body, whatever its line ends and wherever it is cut, and looks at each byte once.
 * An event that already has the form to send stays a slice of its chunk; only others are put together in a buffer.
 *
 * [spec] https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createFrameScanner(listener: FrameListener, eventBytes: number): FrameScanner {
  return new Scanner(listener, eventBytes)
}

/** A class, since every open stream has one: methods as closures took a kilobyte of each. */
class Scanner implements FrameScanner {
  private readonly frame: Frame = {
    bytes: NOTHING, start: 0, end: 0, dataStart: 0, dataEnd: 0, dataLines: 0, nameStart: 0, nameEnd: 0, errorField: undefined,
  }

  /** The event so far, where it is not one slice of one chunk. Its last line begins at `lineAt` and may be unfinished. */
  private scratch = NOTHING
  private scratchLength = 0
  private lineAt = 0
  private inScratch = false
  /** The unfinished line is one that is never sent: it is not kept. */
  private dropping = false
  private afterCR = false
  private bomAt = 0
  private stopped = false

  constructor(private readonly listener: FrameListener, private readonly eventBytes: number) {}

  push(chunk: Uint8Array): void {
    if (this.stopped) return
    const length = chunk.length
    let index = this.bomAt < BOM.length ? this.skipBom(chunk) : 0
    if (this.afterCR && index < length) {
      this.afterCR = false
      if (chunk[index] === LF) index++
    }

    // [wire] Hardly anybody sends CR, so one native search each spares a look at every byte: 50 against 220 ns an event.
    const findLineEnd = this.afterCR || chunk.includes(CR, index) ? indexOfLineEnd : indexOfLF
    let lineStart = index
    let eventStart = index
    for (let stop = findLineEnd(chunk, index); stop >= 0; stop = findLineEnd(chunk, lineStart)) {
      let next = stop + 1
      if (chunk[stop] === CR) {
        if (next === length) this.afterCR = true
        else if (chunk[next] === LF) next++
        // Its line ends have to become LF, so the event cannot stay a slice.
        if (!this.inScratch && stop > eventStart) this.moveToScratch(chunk, eventStart, lineStart)
      }

      if (this.inScratch) {
        this.endScratchLine(chunk, lineStart, stop)
        eventStart = next
      }
      else if (stop === lineStart) {
        this.endEvent(chunk, eventStart, next)
        eventStart = next
      }
      else if (!this.readLine(chunk, lineStart, stop)) {
        if (eventStart === lineStart) eventStart = next
        else this.moveToScratch(chunk, eventStart, lineStart)
      }
      if (this.stopped) return
      lineStart = next
    }
    if (eventStart < length) this.keepRest(chunk, eventStart, lineStart)
  }

  end(): void {
    if (this.stopped || !this.inScratch) return
    if (!this.dropping && this.scratchLength > this.lineAt) this.finishScratchLine()
    this.frame.bytes = this.scratch
    if (isDone(this.frame)) {
      this.append(LINE_FEED, 0, 1)
      this.endEvent(this.scratch, 0, this.scratchLength)
    }
  }

  /** Skips a byte order mark, which may be cut anywhere. Part of one is junk, and so is the line that it begins. */
  private skipBom(chunk: Uint8Array): number {
    let index = 0
    while (this.bomAt < BOM.length && index < chunk.length) {
      if (chunk[index] === BOM[this.bomAt]) {
        this.bomAt++
        index++
        continue
      }
      if (this.bomAt > 0) this.inScratch = this.dropping = true
      this.bomAt = BOM.length
    }
    return index
  }

  private endScratchLine(chunk: Uint8Array, start: number, stop: number): void {
    if (this.dropping) this.dropping = false
    else {
      this.append(chunk, start, stop)
      if (this.scratchLength === this.lineAt) {
        this.append(LINE_FEED, 0, 1)
        this.endEvent(this.scratch, 0, this.scratchLength)
        return
      }
      this.finishScratchLine()
    }
    if (this.scratchLength === 0) this.inScratch = false
  }

  private finishScratchLine(): void {
    if (this.readLine(this.scratch, this.lineAt, this.scratchLength)) this.append(LINE_FEED, 0, 1)
    else this.scratchLength = this.lineAt
    this.lineAt = this.scratchLength
  }

  /** Takes note of a line's field. `false`: not a line to send. */
  private readLine(bytes: Uint8Array, start: number, stop: number): boolean {
    const { frame } = this
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

  private endEvent(bytes: Uint8Array, start: number, stop: number): void {
    const { frame } = this
    if (stop - start > this.eventBytes) throw relayError('event_too_large')
    if (frame.dataLines > 0 || frame.errorField) {
      frame.bytes = bytes
      frame.start = start
      frame.end = frame.dataLines > 0 ? stop : start
      this.stopped = !this.listener.frame(frame)
      frame.bytes = NOTHING // a stream that waits for its model keeps no chunk
    }
    frame.dataLines = frame.nameStart = frame.nameEnd = 0
    frame.errorField = undefined
    this.scratchLength = this.lineAt = 0
    this.inScratch = false
    if (this.scratch.length > SCRATCH_BYTES) this.scratch = NOTHING
  }

  /** From here on the event is put together in the buffer: its whole lines so far, `chunk[start, stop)`, come first. */
  private moveToScratch(chunk: Uint8Array, start: number, stop: number): void {
    const { frame } = this
    this.inScratch = true
    this.append(chunk, start, stop)
    this.lineAt = this.scratchLength
    frame.dataStart -= start
    frame.dataEnd -= start
    frame.nameStart -= start
    frame.nameEnd -= start
  }

  private keepRest(chunk: Uint8Array, eventStart: number, lineStart: number): void {
    if (!this.inScratch) this.moveToScratch(chunk, eventStart, lineStart)
    if (this.dropping) return
    const first = chunk[lineStart]
    if (this.scratchLength === this.lineAt && first !== undefined && first !== DATA_FIELD[0] && first !== EVENT_FIELD[0]) this.dropping = true
    else this.append(chunk, lineStart, chunk.length)
  }

  private append(bytes: Uint8Array, start: number, stop: number): void {
    const length = this.scratchLength + stop - start
    if (length > this.eventBytes) throw relayError('event_too_large')
    if (length > this.scratch.length) {
      const grown = new Uint8Array(Math.max(512, length, Math.min(2 * this.scratch.length, this.eventBytes)))
      grown.set(this.scratch.subarray(0, this.scratchLength))
      this.scratch = grown
    }
    this.scratch.set(start === 0 && stop === bytes.length ? bytes : bytes.subarray(start, stop), this.scratchLength)
    this.scratchLength = length
  }
}

function indexOfLF(chunk: Uint8Array, from: number): number {
  if (from === chunk.length) return -1 // most chunks end with their event
  return chunk[from] === LF ? from : chunk.indexOf(LF, from)
}

function indexOfLineEnd(chunk: Uint8Array, from: number): number {
  for (let index = from; index < chunk.length; index++) {
    if (chunk[index] === LF || chunk[index] === CR) return index
  }
  return -1
}
