import type { RedisClient } from '../redis'
import { relayError } from '../failures'
import type { LogEntry, LogLifetime, LogMeta, LogProducer, LogState, LogWriter, RunEnd, StopReason, StreamLog } from './log'
import { FIRST_FRAME } from './log'
import { later, type Timer } from './later'
import { connect, findCause, ready } from './redis-connection'
import { createBatch } from './redis-batch'
import { END_ID, HEAD_ID, keysOf, lastFrame, OCCUPIED, readEntry, type RawEntry } from './redis-entries'
import { persistently } from './redis-patience'
import { APPEND, CREATE, FINISH, REAP, RENEW } from './redis-scripts'
import { createRedisTail } from './redis-tail'
import { createRedisWriter, type RedisWriter } from './redis-writer'

export interface RedisLogOptions {
  /** The app's; it stays the app's to close. Three connections are made from it: commands, blocking reads, messages. */
  client: RedisClient
  /** How long a producer counts as alive after its last sign of life, in milliseconds. @default 15000 */
  lease?: number
  /** Between signs of life, and between looks after a producer by its readers, in milliseconds. @default 5000 */
  beat?: number
  /** How long readers wait for a Redis that is away, in milliseconds. @default 15000 */
  patience?: number
}

/** Where requests to stop are announced, to every process. */
const CHANNEL = 'nls:stop'
/**
 * How long frames are gathered before they are sent, in milliseconds. Other viewers get them so much later, and a process that
 * dies takes so much with it; less of it costs the relay time that its first viewers wait for.
 */
const FLUSH_AFTER = 50
/** How long a request to stop is kept for a producer that missed it, in milliseconds. */
const STOP_KEPT = 60_000

/**
 * Logs in Redis Streams, one per run, for apps of more than one process. Needs Redis 7 or a server that speaks like it.
 *
 * Why streams: append, cursor and blocking read are one type, so there is no gap between replay and tail. Pub/sub loses
 * messages, and lists have no cursors; a stop request is the one thing that is published, and kept beside it.
 */
export function createRedisLog({ client, lease = 15_000, beat = 5_000, patience = 15_000 }: RedisLogOptions): StreamLog {
  const writers = new Map<string, RedisWriter>()
  const unflushed = new Set<RedisWriter>()
  const commands = connect(client)
  const scripts = { append: createBatch(commands, APPEND), finish: createBatch(commands, FINISH), renew: createBatch(commands, RENEW) }
  const tail = createRedisTail({
    commands,
    connect: () => connect(client, { commandTimeout: beat + 3_000 }),
    check: async id => await reap(id, producerLost) !== 'gone',
    block: beat,
    patience,
  })
  let subscriber: RedisClient | undefined
  let flushTimer: Timer | undefined
  let beatTimer: Timer | undefined

  return { create, open, read, stop, touch, close }

  async function create(id: string, meta: LogMeta, lifetime: LogLifetime, producer: LogProducer): Promise<LogWriter> {
    listen()
    const keys = keysOf(id)
    let tries = 0
    await reached(() => commands
      .eval(CREATE, 2, keys.log, keys.lease, HEAD_ID, JSON.stringify(meta), lifetime.running, lease)
      .catch((error) => {
        if (++tries === 1 || !OCCUPIED.test(String(error))) throw error // later it is there from an earlier try: the id is random
      }))
    const writer = createRedisWriter({ commands, scripts, id, lifetime, producer, lease, flushLater, onClose: () => writers.delete(id) })
    writers.set(id, writer)
    beatTimer ??= later(beatAll, beat)
    return writer
  }

  async function open(id: string): Promise<LogState | null> {
    const { log } = keysOf(id)
    const [, [first], [newest]] = await reached(() => Promise.all([
      reap(id, producerLost),
      commands.callBuffer('XRANGE', log, '-', '+', 'COUNT', 1) as Promise<RawEntry[]>,
      commands.callBuffer('XREVRANGE', log, '+', '-', 'COUNT', 1) as Promise<RawEntry[]>,
    ]))
    const head = first && readEntry(first)
    const end = newest && readEntry(newest)
    if (head?.kind !== 'head') return null // trimmed by somebody: whose it was is no longer known
    return { meta: head.meta, first: FIRST_FRAME, last: lastFrame(newest!), ...(end?.kind === 'end' && { end: end.end }) }
  }

  async function* read(id: string, after: number, signal: AbortSignal): AsyncGenerator<LogEntry> {
    let cursor = Math.max(after, FIRST_FRAME - 1)
    if (!await reached(() => commands.call('EXISTS', keysOf(id).log))) throw relayError('log_lost')
    while (!signal.aborted) {
      for (const raw of await tail.next(id, cursor, signal)) {
        const entry = readEntry(raw)
        if (entry.kind === 'end') {
          if (lastFrame(raw) > cursor) throw relayError('log_gap')
          yield entry
          return
        }
        if (entry.kind === 'head' || entry.last <= cursor) continue
        if (entry.first > cursor + 1) throw relayError('log_gap')
        yield entry
        cursor = entry.last
      }
    }
  }

  async function stop(id: string, reason: StopReason): Promise<void> {
    const keys = keysOf(id)
    await reached(async () => {
      const log = await commands.callBuffer('XREVRANGE', keys.log, '+', '-', 'COUNT', 1) as RawEntry[]
      if (!log[0] || String(log[0][0]) === END_ID) return
      await Promise.all([
        commands.call('SET', keys.stop, reason, 'NX', 'PX', STOP_KEPT),
        commands.call('PUBLISH', CHANNEL, `${id} ${reason}`),
        reap(id, stoppedBy(reason)),
      ])
    })
  }

  async function touch(id: string, ms: number): Promise<void> {
    const writer = writers.get(id)
    if (writer) return writer.touched(ms) // nobody else needs to know
    await reached(() => commands.call('SET', keysOf(id).seen, 1, 'PX', ms))
  }

  async function close(): Promise<void> {
    clearTimeout(flushTimer)
    clearTimeout(beatTimer)
    tail.close()
    for (const writer of [...writers.values()]) writer.close()
    subscriber?.disconnect()
    commands.disconnect()
  }

  /** Whatever fails here, for the caller it is one thing: runs cannot be stored or read at the moment. A Redis that is away is not waited for. */
  async function reached<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      await ready(commands)
      return await (commands.status === 'ready' ? persistently(attempt) : attempt())
    }
    catch (cause) {
      throw relayError('resume_unavailable', { cause: findCause(commands, cause) })
    }
  }

  function reap(id: string, end: RunEnd): Promise<unknown> {
    const { log, lease, stop } = keysOf(id)
    return commands.eval(REAP, 3, log, lease, stop, END_ID, JSON.stringify(end), JSON.stringify(stoppedBy('stop')))
  }

  function flushLater(writer: RedisWriter): void {
    unflushed.add(writer)
    flushTimer ??= later(flushAll, FLUSH_AFTER)
  }

  function flushAll(): void {
    flushTimer = undefined
    for (const writer of unflushed) writer.flush()
    unflushed.clear()
  }

  async function beatAll(): Promise<void> {
    beatTimer = undefined
    await Promise.all([...writers.values()].map(writer => writer.beat()))
    if (writers.size > 0) beatTimer ??= later(beatAll, beat)
  }

  /** One subscription per process. Missed messages are no loss: each sign of life looks for the request itself. */
  function listen(): void {
    if (subscriber) return
    const connection = subscriber = connect(client, { commandTimeout: undefined })
    connection.on('ready', () => connection.subscribe(CHANNEL).catch(() => undefined)) // asked again with the next connection
    connection.on('message', (_channel, message) => {
      const [id = '', reason] = message.split(' ')
      writers.get(id)?.stopped(reason as StopReason)
    })
  }
}

const producerLost: RunEnd = { outcome: 'failed', reason: 'producer_lost', error: relayError('producer_lost').toJSON() }

function stoppedBy(reason: StopReason): RunEnd {
  return { outcome: 'stopped', reason, error: relayError('stopped').toJSON() }
}
