import type { StreamError } from '../../shared/errors'
import { isStreamError } from '../../shared/errors'
import type { Caller } from './authorize'
import type { Call } from './call'
import type { DeliveryReport, DeliveryTarget } from './deliver'
import type { Logger } from './logger'
import type { LogMeta, LogState, StreamLog } from './logs/log'
import type { ResolvedRelayOptions } from './options'
import type { Tap } from './outbox'
import type { RedisClient } from './redis'
import type { LlmStreamRules } from './rules'
import type { EndSignal } from './light-signal'
import type { Sink } from './sink'
import type { ProtocolName } from '../../shared/wire'
import { CURSOR, HEADERS } from '../../shared/wire'
import { sendEmpty } from './answer'
import { randomId } from './random-id'
import { systemClock as clock } from './clock'
import { createAttendance } from './attendance'
import { relayError } from './failures'
import { followLog } from './follow'
import { describeError, sparing } from './logger'
import { FIRST_FRAME } from './logs/log'
import { createMemoryLog } from './logs/memory'
import { createOwners, sameHash } from './owner'
import { createPatientSink } from './patient-sink'
import { startRecording } from './recording'
import { createTally } from './tally'

/** Runs that go on while their viewer is away, and can be watched again (resume.md). */
export interface Resume {
  /** Records a run from its start. `undefined`: it becomes a plain one. Throws `resume_unavailable` where it must not. */
  record: (call: Call, run: RunToRecord) => Promise<RecordedRun | undefined>
  /** Answers a GET: replays a run and follows it. */
  replay: (call: Call, id: string | undefined, caller: Caller) => Promise<void>
  /** Answers a DELETE: ends a run for good. */
  stop: (call: Call, id: string | undefined, caller: Caller) => Promise<void>
  close: () => Promise<void>
}

export interface RunToRecord {
  caller: Caller
  protocol: ProtocolName
  target: DeliveryTarget
}

/** What a recorded run is delivered with, in place of what a plain one has. */
export interface RecordedRun {
  sink: Sink
  tap: Tap
  /** Stores how it ended; settles when the first viewer has everything, too. */
  finish: (report: DeliveryReport) => Promise<void>
}

export interface ResumeParts {
  options: ResolvedRelayOptions
  settings: Exclude<ResolvedRelayOptions['resume'], false>
  rules: LlmStreamRules
  redis: () => Promise<RedisClient | undefined>
  logger: Logger
}

/** Viewers of one run in one process, beside its first. */
const VIEWERS = 8
/** A cursor further ahead of the log than a first viewer can be was made up. */
const CURSOR_AHEAD = 8192

const PLAIN = { [HEADERS.resumable]: '0' }
const resumable = (id: string) => ({ [HEADERS.resumable]: '1', [HEADERS.streamId]: id })

/** To be called only where {@link findResumeProblem} finds nothing. */
export function createResume({ options, settings, rules, redis, logger }: ResumeParts): Resume {
  const { heartbeat, timeouts: { slowClient: patience } } = options
  const owners = createOwners({ secret: settings.secret, route: options.route, trustProxy: options.trustProxy })
  const complain = sparing(logger, 1)
  let opened: Promise<StreamLog> | undefined
  log().catch(nothing) // said already
  const attend = createAttendance(log, settings.orphanGrace, clock)
  /** Running logs by owner, and viewers by run. */
  const owned = createTally()
  const watched = createTally()

  return { record, replay, stop, close }

  async function record(call: Call, run: RunToRecord): Promise<RecordedRun | undefined> {
    const { sink: client } = call.exchange
    const { hash, cookie } = await owners.welcome(call.exchange, subjectOf(run.caller))
    if (owned.count(hash) >= settings.perOwner) return settings.required ? refuse() : undefined

    const id = randomId()
    const gone = new AbortController()
    const recording = startRecording({
      create: async producer => (await log()).create(id, toMeta(hash, run), { running: settings.ttl, ended: settings.ttlAfterEnd }, producer),
      logBytes: settings.logBytes,
      onEnd: reason => call.run.abort(reason),
      // Later, since a log is often lost in the midst of a write, which the end of the run would begin once more.
      onLost(cause) {
        if (cause !== undefined) complain('lost', `The answer of a run is not stored, so it cannot be resumed. ${describeLoss(cause)}`)
        queueMicrotask(() => gone.signal.aborted && call.run.abort('orphaned'))
      },
    })
    if (settings.required && await recording.ready === 'lost') refuse()

    const release = owned.add(hash)
    const leave = attend(id, recording.ready)
    let over = (): void => {}
    call.exchange.waitUntil?.(new Promise<void>((resolve) => { over = resolve })) // also when the client is gone
    let known = false
    call.goOn = () => {
      gone.abort()
      if (!known || recording.lost) call.run.abort('disconnected')
      else leave()
    }
    const sink = createPatientSink({
      client, patience, clock,
      position: () => recording.last,
      plain: () => recording.lost,
      async follow(after) {
        await readOn(call, id, after, gone.signal)
        if (recording.lost) call.run.abort('orphaned') // and nobody can come back
      },
    })
    return {
      tap: recording.tap,
      sink: {
        ...sink,
        head(status, headers) {
          if (status !== 200) recording.drop()
          known = true
          sink.head(status, { ...headers, ...(recording.lost ? PLAIN : { ...resumable(id), ...(cookie && { 'set-cookie': cookie }) }) })
        },
      },
      async finish(report) {
        release()
        leave()
        await Promise.all([recording.finish(report), sink.served()])
        over()
      },
    }
  }

  /** The first viewer fell behind: from here on it is served as any other, on the response that it has. */
  async function readOn({ exchange: { sink }, requestId }: Call, id: string, after: number, signal: EndSignal): Promise<void> {
    await followLog({
      log: await log(), id, after, heartbeat, patience, clock, requestId, sink,
      atOnce: true,
      headers: {},
      signal,
    })
  }

  async function replay(call: Call, id: string | undefined, caller: Caller): Promise<void> {
    const { exchange: { headers, sink }, requestId, run } = call
    const cursor = readCursor(headers[HEADERS.lastEventId])
    const found = await find(call, id, caller)
    const { first, last, end } = found.state
    if (cursor > last + CURSOR_AHEAD) throw badCursor()
    if (Math.max(cursor + 1, FIRST_FRAME) < first) throw relayError('run_expired')
    if (end && !end.error && cursor >= last) return sendEmpty(sink, 204, call.headers)
    if (watched.count(found.id) >= VIEWERS) throw relayError('rate_limited', { message: 'Too many viewers follow this run already.' })

    call.follows = true
    const release = watched.add(found.id)
    const leave = end ? nothing : attend(found.id, log())
    await followLog({
      log: await log(), id: found.id, after: cursor, heartbeat, patience, clock, requestId, sink,
      atOnce: !end && cursor >= last,
      headers: { ...call.headers, ...resumable(found.id) },
      signal: run,
    })
    release()
    leave()
  }

  async function stop(call: Call, id: string | undefined, caller: Caller): Promise<void> {
    const found = await find(call, id, caller)
    await (await log()).stop(found.id, 'stop')
    sendEmpty(call.exchange.sink, 202, call.headers)
  }

  async function close(): Promise<void> {
    if (!rules.log) await (await opened?.catch(nothing))?.close?.()
  }

  /** A stranger's run and one that never was look alike. */
  async function find({ exchange }: Call, id: string | undefined, caller: Caller): Promise<{ id: string, state: LogState }> {
    const [state, { hash }] = await Promise.all([
      id === undefined ? null : log().then(log => log.open(id), refuse),
      owners.identify(exchange, subjectOf(caller)),
    ])
    if (id === undefined || !state || hash === undefined || !sameHash(state.meta.owner, hash)) throw relayError('run_not_found')
    return { id, state }
  }

  /** The same one each time; where it cannot be had, it is tried again with the next run. */
  function log(): Promise<StreamLog> {
    return opened ??= openLog().catch((error) => {
      opened = undefined
      complain('log', `Runs cannot be resumed: ${describeError(error)}`)
      throw error
    })
  }

  async function openLog(): Promise<StreamLog> {
    if (rules.log) return rules.log
    if (settings.driver === 'memory') return createMemoryLog({ bytes: settings.memoryBytes })
    const [{ createRedisLog }, client] = await Promise.all([import('./logs/redis'), redis()])
    return createRedisLog({ client: client! })
  }
}

function subjectOf({ subject, authorized }: Caller): string | undefined {
  return authorized ? subject : undefined
}

function toMeta(owner: string, { protocol, target: { upstream, model } }: RunToRecord): LogMeta {
  return { owner, upstream: upstream.name, protocol, model }
}

/** `[spec]` Absent means from the start, as for an `EventSource` that has seen nothing. */
function readCursor(header = '0'): number {
  if (!CURSOR.test(header)) throw badCursor()
  return Number(header)
}

function badCursor(): StreamError {
  return relayError('invalid_request', { message: '`Last-Event-ID` is not the id of a frame of this run.' })
}

function refuse(cause?: unknown): never {
  throw relayError('resume_unavailable', { cause })
}

/** `resume_unavailable` only says that there is a cause. */
function describeLoss(error: unknown): string {
  return describeError(isStreamError(error) && error.cause !== undefined ? error.cause : error)
}

/** Why runs cannot be resumed with these options, and what to do about it; `undefined`: they can. */
export function findResumeProblem({ resume, redisUrl, development }: ResolvedRelayOptions, { log, redis }: LlmStreamRules): string | undefined {
  if (!resume || resume.driver !== 'redis' || log) return
  if (!redisUrl && !redis) return '`resume.driver` is redis, but there is no Redis: set `redis.url`, or give a client by the rule `redis`.'
  if (!resume.secret && !development) return '`resume.secret` is missing: with Redis, every process must sign the owner of a run alike. Set NUXT_LLM_STREAM_RESUME_SECRET to a long random string.'
}

function nothing(): undefined {}
