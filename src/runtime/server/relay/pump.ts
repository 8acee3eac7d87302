import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Deadlines } from './deadlines'
import type { Findings } from './findings'
import type { Frame, FrameListener, FrameScanner } from './frames'
import type { Timeouts } from './options'
import type { Sink } from './sink'
import type { BodyListener, TransportBody } from './transport'
import type { Watch } from './watch'
import { isStreamError } from '../../shared/errors'
import type { ProtocolName } from '../../shared/wire'
import { relayError } from './failures'
import { createFrameScanner } from './frames'
import type { OutboxOwner, Tap } from './outbox'
import { Outbox } from './outbox'
import { Sniffer } from './sniff'

export interface PumpOptions {
  body: TransportBody
  protocol: ProtocolName
  answer: Answer
  sink: Sink
  watch: Watch
  timeouts: Timeouts
  limits: { eventBytes: number, streamBytes: number }
  clock: Clock
  /** Gets the frames that are about to be written. */
  tap?: Tap
  listener: PumpListener
}

export interface PumpListener {
  /** Told of the first byte and of the first event, before it is forwarded. */
  onFirst: (what: 'byte' | 'event') => void
  /** Called once. */
  onEnd: (end: PumpEnd) => void
}

export interface PumpEnd {
  /** Why the answer is not whole: a `StreamError`, or the reason of the signal. `undefined`: it is. */
  error: unknown
  findings: Readonly<Findings>
  /** Frames forwarded, and their bytes. None: nothing is committed. */
  events: number
  bytes: number
}

/** Deadlines and breaks that change nothing once the answer is proven to be whole (wire.md §4). */
const HARMLESS_AFTER_PROOF = new Set<string>(['upstream_reset', 'upstream_truncated', 'upstream_timeout', 'idle_timeout', 'total_timeout', 'server_restarting'])

/** Chunks that follow each other this fast come from one read, and leave in one write. A lone one leaves at once. */
const BURST_MS = 0.2

/**
 * Moves an SSE answer from an upstream's body to the client, whole events only, until its terminal, an error or its end. The
 * first of these decides; the upstream is closed with it. Ending the answer is left to the caller.
 */
export function pump(options: PumpOptions): void {
  new Pump(options).start()
}

/** A class, since every open stream has one: methods as closures took kilobytes of each. */
class Pump implements BodyListener, FrameListener, OutboxOwner {
  private readonly sniffer: Sniffer
  private readonly due: Deadlines['due']
  private readonly scanner: FrameScanner
  private readonly outbox: Outbox
  private received = 0
  private events = 0
  private bytes = 0
  private now = 0
  private inBurst = false
  private progressed = false
  private blocked = false
  private ended = false
  /** Events of the current chunk that follow each other in it leave as one slice. */
  private current: Uint8Array | undefined
  private sliceStart = 0
  private sliceEnd = 0
  private sliceCount = 0

  constructor(private readonly options: PumpOptions) {
    this.sniffer = new Sniffer(options.protocol)
    this.due = options.watch.deadlines.due
    this.scanner = createFrameScanner(this, options.limits.eventBytes)
    this.outbox = new Outbox(this, options.tap)
  }

  start(): void {
    const { body, watch, watch: { deadlines }, timeouts, clock } = this.options
    if (watch.signal.aborted) return this.handleEvent()
    watch.signal.addEventListener('abort', this)
    this.now = clock.now()
    this.due.eventIdle = this.now + timeouts.eventIdle
    deadlines.rearm()
    body.start(this)
  }

  chunk(bytes: Uint8Array): void {
    if (this.ended) return
    const { timeouts, limits, clock } = this.options
    const before = this.now
    // What one turn of the event loop brings has come at one time: thousands of chunks need no look at the clock each.
    const sameTurn = this.outbox.isWaiting
    const now = this.now = sameTurn ? before : clock.now()
    if (this.received === 0) this.noteFirstByte()
    this.inBurst = sameTurn || now - before < BURST_MS
    this.received += bytes.length
    if (this.received > limits.streamBytes) return this.finish(relayError('stream_limit'))
    this.due.byteIdle = now + timeouts.byteIdle
    this.progressed = false
    this.current = bytes
    this.sliceStart = this.sliceEnd = 0
    try {
      this.scanner.push(bytes)
    }
    catch (error) {
      return this.finish(error)
    }
    this.sendSlice()
    this.current = undefined
    if (this.progressed) this.due.eventIdle = now + timeouts.eventIdle
  }

  end(): void {
    if (this.ended) return
    try {
      this.scanner.end()
    }
    catch (error) {
      return this.finish(error)
    }
    this.finish(relayError('upstream_truncated'))
  }

  fail(error: unknown): void {
    this.finish(error)
  }

  frame(frame: Frame): boolean {
    const verdict = this.sniffer.judge(frame)
    if (verdict === 'error') {
      this.finish(this.sniffer.findings.error)
      return false
    }
    if (this.events++ === 0) this.options.listener.onFirst('event')
    if (verdict !== 'idle') this.progressed = true
    this.forward(frame)
    if (verdict !== 'terminal') return true
    this.finish(undefined)
    return false
  }

  write(piece: Uint8Array): void {
    const { answer, watch } = this.options
    this.due.heartbeat = this.now + watch.heartbeat
    if (!answer.write(piece) && !this.blocked && !this.ended) this.waitForClient()
  }

  private noteFirstByte(): void {
    const { listener, watch: { deadlines }, timeouts } = this.options
    this.due.firstByte = Infinity
    listener.onFirst('byte')
    this.due.byteIdle = this.now + timeouts.byteIdle
    deadlines.rearm()
  }

  private forward({ bytes: source, start, end }: Frame): void {
    this.bytes += end - start
    if (source !== this.current) {
      // Copied, since the scanner needs its buffer again.
      this.sendSlice()
      return this.send(source.slice(start, end), 1)
    }
    if (start !== this.sliceEnd) {
      this.sendSlice()
      this.sliceStart = start
    }
    this.sliceEnd = end
    this.sliceCount++
  }

  private sendSlice(): void {
    const { current, sliceStart, sliceEnd, sliceCount } = this
    if (sliceCount === 0) return
    const whole = sliceStart === 0 && sliceEnd === current!.length
    this.sliceStart = sliceEnd
    this.sliceCount = 0
    this.send(whole ? current! : current!.subarray(sliceStart, sliceEnd), sliceCount)
  }

  private send(piece: Uint8Array, count: number): void {
    if (this.inBurst) this.outbox.gather(piece, count)
    else this.outbox.send(piece, count)
  }

  /** Nothing is read while the client takes nothing; the upstream's silence is not its own then. */
  private waitForClient(): void {
    const { body, sink, watch: { deadlines }, timeouts } = this.options
    this.blocked = true
    body.pause()
    this.due.byteIdle = this.due.eventIdle = Infinity
    this.due.slowClient = this.now + timeouts.slowClient
    deadlines.rearm()
    sink.drained().then(() => this.goOn())
  }

  private goOn(): void {
    this.blocked = false
    if (this.ended) return
    const { body, watch: { deadlines }, timeouts, clock } = this.options
    this.now = clock.now()
    this.due.slowClient = Infinity
    this.due.byteIdle = this.now + timeouts.byteIdle
    this.due.eventIdle = this.now + timeouts.eventIdle
    deadlines.rearm()
    body.resume()
  }

  /** The watch's signal has aborted. */
  handleEvent(): void {
    this.finish(this.options.watch.signal.reason)
  }

  /** The one latch: whoever comes first decides. */
  private finish(error: unknown): void {
    if (this.ended) return
    this.ended = true
    const { body, watch, listener } = this.options
    watch.signal.removeEventListener('abort', this)
    if (error === undefined) body.finish()
    else body.cancel()
    this.due.firstByte = this.due.byteIdle = this.due.eventIdle = this.due.slowClient = Infinity
    this.sendSlice()
    this.outbox.flush()
    const { sniffer: { findings }, events, bytes } = this
    const harmless = findings.proven && isStreamError(error) && HARMLESS_AFTER_PROOF.has(error.code)
    listener.onEnd({ error: harmless ? undefined : error, findings, events, bytes })
  }
}
