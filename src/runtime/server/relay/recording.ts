import type { DeliveryReport } from './deliver'
import type { LogProducer, LogWriter, RunEnd } from './logs/log'
import type { Tap } from './outbox'
import { concat } from './body-reader'
import { relayError } from './failures'
import { Misuse } from './misuse'
import { Stamper } from './stamp'

/** The frames of one run on their way into its log. */
export interface Recording {
  /** Number of the last frame. */
  readonly last: number
  /** There is no log, or no more: the run is a plain one. */
  readonly lost: boolean
  /** Settles when the log is there, or will never be. */
  readonly ready: Promise<'begun' | 'lost'>
  /** Gives the frames back with their numbers on them. Never waits. */
  tap: Tap
  /** Writes how the run ended behind its last frame. */
  finish: (report: Pick<DeliveryReport, 'outcome' | 'reason' | 'error' | 'usage'>) => Promise<void>
  /** Gives the log up. */
  drop: () => void
}

export interface RecordingOptions {
  /** Begins the log. Frames are kept until it has: the answer does not wait for it. */
  create: (producer: LogProducer) => Promise<LogWriter>
  /** Bytes of the log; with more it is given up. */
  logBytes: number
  /** The run is to end: somebody stopped it, or nobody watches. */
  onEnd: (reason: 'stop' | 'orphaned') => void
  /** The run has become a plain one; `cause` says why where it is nobody's wish, and may be unknown. */
  onLost: (cause?: unknown) => void
}

export function startRecording({ create, logBytes, onEnd, onLost }: RecordingOptions): Recording {
  let writer: LogWriter | undefined
  /** Frames from before there was a writer. */
  let early: { frames: Uint8Array, count: number }[] = []
  const stamper = new Stamper()
  let size = 0
  let lost = false

  const ready = create({
    stop: onEnd,
    orphan: () => onEnd('orphaned'),
    lost: (ended, cause) => ended?.outcome === 'stopped' ? onEnd('stop') : lose(ended ? takenForDead() : cause),
  }).then(begin, lose).then(() => lost ? 'lost' : 'begun')

  return {
    get last() { return stamper.last },
    get lost() { return lost },
    ready,
    tap(pieces, counts) {
      if (lost) return concat(pieces)
      const before = stamper.last
      const stamped = stamper.stamp(pieces, counts)
      const count = stamper.last - before
      size += stamped.length
      if (size > logBytes) giveUp()
      else if (writer) writer.append(stamped, count)
      else early.push({ frames: stamped, count })
      return stamped
    },
    async finish(report) {
      await ready
      if (!lost) await writer?.end(toRunEnd(report))
    },
    drop: giveUp,
  }

  function begin(created: LogWriter): void {
    writer = created
    if (lost) return writer.drop()
    for (const { frames, count } of early) writer.append(frames, count)
    early = []
  }

  function giveUp(): void {
    writer?.drop()
    lose()
  }

  function lose(cause?: unknown): void {
    if (lost) return
    lost = true
    early = []
    onLost(cause)
  }
}

function takenForDead(): Misuse {
  return new Misuse('Another process ended it, since this one had given no sign of life for too long. Was it held up?')
}

/** What later viewers are told: the error that the first one saw, but nothing that stays in the server. */
function toRunEnd({ outcome, reason, error, usage }: Pick<DeliveryReport, 'outcome' | 'reason' | 'error' | 'usage'>): RunEnd {
  const told = error ?? (outcome === 'stopped' ? relayError('stopped') : undefined)
  return { outcome, ...(reason && { reason }), ...(told && { error: told.toJSON() }), ...(usage && { usage: { ...usage, raw: null } }) }
}
