import type { Answer } from './answer'
import type { Clock } from './clock'
import type { Frame } from './frames'
import type { Timeouts } from './options'
import type { Sink } from './sink'
import type { Sniffer } from './sniff'
import type { TransportBody } from './transport'
import type { Watch } from './watch'
import { isStreamError } from '../../shared/errors'
import { relayError } from './failures'
import { createFrameScanner } from './frames'
import { createOutbox } from './outbox'

export interface PumpOptions {
  body: TransportBody
  sniffer: Sniffer
  answer: Answer
  sink: Sink
  watch: Watch
  timeouts: Timeouts
  limits: { eventBytes: number, streamBytes: number }
  clock: Clock
  /** Told of the first byte and of the first event, before it is forwarded. */
  onFirst: (what: 'byte' | 'event') => void
  /** Gets the whole frames that are about to be written, joined; gives what goes out in their place. */
  tap?: (frames: Uint8Array) => Uint8Array
}

export interface PumpEnd {
  /** Why the answer is not whole: a `StreamError`, or the reason of the signal. `undefined`: it is. */
  error: unknown
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
 * first of these decides; the upstream is closed with it. Never rejects; ending the answer is left to the caller.
 */
export function pump(options: PumpOptions): Promise<PumpEnd> {
  const { body, sniffer, answer, sink, watch, timeouts, limits, clock, onFirst, tap } = options
  const { signal, deadlines, heartbeat } = watch
  const { due } = deadlines
  const scanner = createFrameScanner(onFrame, limits.eventBytes)
  const outbox = createOutbox(write)
  let received = 0
  let events = 0
  let bytes = 0
  let now = 0
  let inBurst = false
  let progressed = false
  let blocked = false
  let ended = false
  /** Events of the current chunk that follow each other in it leave as one slice. */
  let current: Uint8Array | undefined
  let sliceStart = 0
  let sliceEnd = 0
  let settle!: (end: PumpEnd) => void

  return new Promise((resolve) => {
    settle = resolve
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) return onAbort()
    now = clock.now()
    due.eventIdle = now + timeouts.eventIdle
    deadlines.rearm()
    body.start({ chunk: onChunk, end: onEnd, fail: finish })
  })

  function onChunk(chunk: Uint8Array): void {
    if (ended) return
    const before = now
    now = clock.now()
    if (received === 0) onFirstByte()
    inBurst = now - before < BURST_MS
    received += chunk.length
    if (received > limits.streamBytes) return finish(relayError('stream_limit'))
    due.byteIdle = now + timeouts.byteIdle
    progressed = false
    current = chunk
    sliceStart = sliceEnd = 0
    try {
      scanner.push(chunk)
    }
    catch (error) {
      return finish(error)
    }
    sendSlice()
    if (progressed) due.eventIdle = now + timeouts.eventIdle
  }

  function onFirstByte(): void {
    due.firstByte = Infinity
    onFirst('byte')
    due.byteIdle = now + timeouts.byteIdle
    deadlines.rearm()
  }

  function onFrame(frame: Frame): boolean {
    const verdict = sniffer.look(frame)
    if (verdict === 'error') {
      finish(sniffer.findings.error)
      return false
    }
    if (events++ === 0) onFirst('event')
    if (verdict !== 'idle') progressed = true
    forward(frame)
    if (verdict !== 'terminal') return true
    finish(undefined)
    return false
  }

  function forward({ bytes: source, start, end }: Frame): void {
    bytes += end - start
    if (source !== current) {
      // Copied, since the scanner needs its buffer again.
      sendSlice()
      return send(source.slice(start, end))
    }
    if (start !== sliceEnd) {
      sendSlice()
      sliceStart = start
    }
    sliceEnd = end
  }

  function sendSlice(): void {
    if (sliceEnd === sliceStart) return
    const whole = sliceStart === 0 && sliceEnd === current!.length
    send(whole ? current! : current!.subarray(sliceStart, sliceEnd))
    sliceStart = sliceEnd
  }

  function send(piece: Uint8Array): void {
    if (inBurst) outbox.gather(piece)
    else outbox.send(piece)
  }

  function write(piece: Uint8Array): void {
    due.heartbeat = now + heartbeat
    if (!answer.write(tap ? tap(piece) : piece) && !blocked && !ended) waitForClient()
  }

  /** Nothing is read while the client takes nothing; the upstream's silence is not its own then. */
  function waitForClient(): void {
    blocked = true
    body.pause()
    due.byteIdle = due.eventIdle = Infinity
    due.slowClient = now + timeouts.slowClient
    deadlines.rearm()
    sink.drained().then(goOn)
  }

  function goOn(): void {
    blocked = false
    if (ended) return
    now = clock.now()
    due.slowClient = Infinity
    due.byteIdle = now + timeouts.byteIdle
    due.eventIdle = now + timeouts.eventIdle
    deadlines.rearm()
    body.resume()
  }

  function onEnd(): void {
    if (ended) return
    try {
      scanner.end()
    }
    catch (error) {
      return finish(error)
    }
    finish(relayError('upstream_truncated'))
  }

  function onAbort(): void {
    finish(signal.reason)
  }

  /** The one latch: whoever comes first decides. */
  function finish(error: unknown): void {
    if (ended) return
    ended = true
    signal.removeEventListener('abort', onAbort)
    if (error === undefined) body.finish()
    else body.cancel()
    due.firstByte = due.byteIdle = due.eventIdle = due.slowClient = Infinity
    sendSlice()
    outbox.flush()
    const harmless = sniffer.findings.proven && isStreamError(error) && HARMLESS_AFTER_PROOF.has(error.code)
    settle({ error: harmless ? undefined : error, events, bytes })
  }
}
