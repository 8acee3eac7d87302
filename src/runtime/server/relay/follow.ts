import type { StreamError } from '../../shared/errors'
import type { Clock } from './clock'
import type { StreamLog } from './logs/log'
import type { EndSignal } from './light-signal'
import type { Sink } from './sink'
import { errorFromJson, isStreamError } from '../../shared/errors'
import { Answer } from './answer'
import { Deadlines } from './deadlines'
import { relayError } from './failures'
import { drainedInTime } from './patient-sink'
import { skipFrames } from './stamp'

export interface FollowOptions {
  log: StreamLog
  id: string
  /** Number of the last frame that the client has. */
  after: number
  sink: Sink
  /** Send the head at once, with a comment: it may be long until there is a frame. */
  atOnce: boolean
  headers: Record<string, string>
  requestId: string
  heartbeat: number | false
  /** How long the client may take nothing, in milliseconds. */
  patience: number
  /** Aborts with a `StreamError` to tell the client, or because it is gone. */
  signal: EndSignal
  clock: Clock
}

const HEARTBEAT_FRAME = Uint8Array.of(0x3A, 0x0A, 0x0A)

/** Serves a viewer from the log: what it has not seen, what is still to come, and the end. Settles when it has all, or is gone. Never rejects. */
export async function followLog({ log, id, after, sink, atOnce, headers, requestId, heartbeat, patience, signal, clock }: FollowOptions): Promise<void> {
  const answer = new Answer(sink, headers, requestId)
  const reading = new AbortController()
  const stop = () => reading.abort(signal.reason)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()

  const deadlines = new Deadlines(clock, {
    onDue(deadline) {
      if (deadline === 'slowClient') return sink.destroy()
      if (deadlines.due.slowClient === Infinity) answer.write(HEARTBEAT_FRAME)
      beat()
    },
  })
  const beat = () => {
    deadlines.due.heartbeat = clock.now() + (heartbeat || Infinity)
    deadlines.rearm()
  }

  try {
    beat()
    if (atOnce) answer.write(HEARTBEAT_FRAME)
    let cursor = after
    for await (const entry of log.read(id, after, reading.signal)) {
      if (entry.kind === 'end') {
        if (!entry.end.error) break
        // As a frame even where a status could still be sent: that would say that following failed, not the run.
        if (!answer.started) answer.write(HEARTBEAT_FRAME)
        throw errorFromJson({ error: entry.end.error }) ?? relayError('internal')
      }
      const bytes = skipFrames(entry.bytes, cursor + 1 - entry.first)
      cursor = entry.last
      beat()
      if (answer.write(bytes)) continue
      deadlines.due.slowClient = clock.now() + patience
      deadlines.rearm()
      await sink.drained()
      deadlines.due.slowClient = Infinity
    }
    if (isStreamError(signal.reason)) throw signal.reason
    answer.end()
  }
  catch (error) {
    answer.fail(toViewerError(error, answer.started))
  }
  finally {
    deadlines.stop()
    signal.removeEventListener('abort', stop)
  }
  await drainedInTime(sink, patience, clock)
}

/** A gap that is found while the status can still change is a run that cannot be continued. */
function toViewerError(error: unknown, started: boolean): StreamError {
  if (!isStreamError(error)) return relayError('internal', { cause: error })
  return error.code === 'log_gap' && !started ? relayError('run_expired') : error
}
