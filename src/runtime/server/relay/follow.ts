import type { StreamError } from '../../shared/errors'
import type { Clock } from './clock'
import type { StreamLog } from './logs/log'
import type { EndSignal } from './light-signal'
import type { Sink } from './sink'
import { errorFromJson, isStreamError } from '../../shared/errors'
import { Answer } from './answer'
import { relayError } from './failures'
import { skipFrames } from './stamp'
import { Watch } from './watch'

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

/** Serves a viewer from the log: what it has not seen, what is still to come, and the end. Settles when it has all, or is gone. */
export async function followLog({ log, id, after, sink, atOnce, headers, requestId, heartbeat, patience, signal, clock }: FollowOptions): Promise<void> {
  const answer = new Answer(sink, headers, requestId)
  const watch = new Watch({ signal, answer, sink, heartbeat: heartbeat || Infinity, startedAt: clock.now(), clock })
  const { deadlines, deadlines: { due } } = watch
  try {
    await send().catch(error => answer.fail(toViewerError(error, answer.started)))
    due.heartbeat = Infinity
    await taken()
  }
  finally {
    watch.stop()
  }

  async function send(): Promise<void> {
    if (atOnce) answer.beat()
    let cursor = after
    for await (const entry of log.read(id, after, watch.signal.toAbortSignal())) {
      if (entry.kind === 'end') {
        if (!entry.end.error) break
        // As a frame even where a status could still be sent: that would say that following failed, not the run.
        if (!answer.started) answer.beat()
        throw errorFromJson({ error: entry.end.error }) ?? relayError('internal')
      }
      const bytes = skipFrames(entry.bytes, cursor + 1 - entry.first)
      cursor = entry.last
      due.heartbeat = clock.now() + watch.heartbeat
      if (!answer.write(bytes)) await taken()
    }
    if (isStreamError(signal.reason)) throw signal.reason
    answer.end()
  }

  async function taken(): Promise<void> {
    due.slowClient = clock.now() + patience
    deadlines.rearm()
    await sink.drained()
    due.slowClient = Infinity
  }
}

/** A gap that is found while the status can still change is a run that cannot be continued. */
function toViewerError(error: unknown, started: boolean): StreamError {
  if (!isStreamError(error)) return relayError('internal', { cause: error })
  return error.code === 'log_gap' && !started ? relayError('run_expired') : error
}
