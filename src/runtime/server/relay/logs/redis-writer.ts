import type { RedisClient } from '../redis'
import { Misuse } from '../misuse'
import type { LogLifetime, LogProducer, LogWriter, RunEnd, StopReason } from './log'
import { FIRST_FRAME } from './log'
import { createPresence } from './presence'
import type { BatchedScript } from './redis-batch'
import { findCause } from './redis-connection'
import { END_ID, entryId, keysOf, OCCUPIED, readEntry, type RawEntry } from './redis-entries'
import { persistently } from './redis-patience'

export interface RedisWriter extends LogWriter {
  /** Sends what was appended. Called by the one timer of all writers. */
  flush: () => void
  /** Sign of life; learns of viewers, stop requests and losses. Never rejects. */
  beat: () => Promise<void>
  stopped: (reason: StopReason) => void
  /** A viewer of this process is there. */
  touched: (ms: number) => void
  /** Leaves the log as it is. */
  close: () => void
}

export interface RedisWriterOptions {
  commands: RedisClient
  /** Shared with every other writer. */
  scripts: Record<'append' | 'finish' | 'renew', BatchedScript>
  id: string
  lifetime: LogLifetime
  producer: LogProducer
  /** Milliseconds for which a sign of life holds. */
  lease: number
  /** Asks for a `flush` before long. */
  flushLater: (writer: RedisWriter) => void
  /** The writer has nothing more to do. */
  onClose: () => void
}

/** From here on an append is sent at once. */
const FLUSH_BYTES = 16 * 1024
/** What may wait for Redis before one append more; beyond it the log is given up rather than the memory. */
const HELD_BYTES = 256 * 1024
/** Writes one run. One command is under way at a time: two could arrive without the one between them. */
export function createRedisWriter({ commands, scripts, id, lifetime, producer, lease, flushLater, onClose }: RedisWriterOptions): RedisWriter {
  const keys = keysOf(id)
  const allKeys = [keys.log, keys.lease, keys.stop, keys.seen]
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let waitingFrames = 0
  /** Bytes that Redis has not acknowledged. */
  let held = 0
  let last = FIRST_FRAME - 1
  let sending: Promise<void> | undefined
  let ending = false
  let closed = false
  let stopHeard = false

  const presence = createPresence(
    () => !closed && producer.orphan(),
    // Where Redis cannot be asked, nobody can be reading from it.
    () => persistently(() => commands.call('PTTL', keys.seen)).then(Number, () => 0),
  )

  const writer: RedisWriter = { append, end, drop, flush, beat, stopped, touched: presence.touch, close }
  return writer

  function append(bytes: Uint8Array, count: number): void {
    if (closed || ending) return
    if (held > HELD_BYTES) return lose(new Misuse('Redis takes frames more slowly than they come.'))
    held += bytes.length
    waiting.push(bytes)
    waitingBytes += bytes.length
    waitingFrames += count
    if (waitingBytes >= FLUSH_BYTES) flush()
    else flushLater(writer)
  }

  function flush(): void {
    if (closed || sending || waitingFrames === 0) return
    const bytes = Buffer.concat(waiting, waitingBytes)
    const count = waitingFrames
    last += count
    waiting = []
    waitingBytes = waitingFrames = 0
    const entry = entryId(last)
    sending = add(entry, () => scripts.append([keys.log], [entry, count, bytes])).then(() => {
      sending = undefined
      held -= bytes.length
      if (waitingBytes >= FLUSH_BYTES || ending) flush()
      else if (waitingFrames > 0) flushLater(writer)
    })
  }

  async function end(end: RunEnd): Promise<void> {
    if (closed || ending) return
    ending = true
    flush()
    while (sending) await sending
    await add(END_ID, () => scripts.finish(allKeys, [END_ID, last, JSON.stringify(end), lifetime.ended]))
    close()
  }

  function drop(): void {
    if (closed) return
    close()
    commands.call('DEL', ...allKeys).catch(ignore)
  }

  async function beat(): Promise<void> {
    try {
      const reply = await scripts.renew(allKeys, [END_ID, lifetime.running, lease])
      const [end, kept, reason, seen] = reply as unknown[]
      if (closed || ending) return
      if (typeof end === 'string') return fenced(JSON.parse(end))
      if (kept === 0) return lose(vanished())
      if (typeof reason === 'string') stopped(reason as StopReason)
      if (Number(seen) > 0) presence.touch(Number(seen))
    }
    catch {
      // Redis is away. Whether the log survives is for the next write to find out: readers wait for the lease.
    }
  }

  function stopped(reason: StopReason): void {
    if (closed || stopHeard) return
    stopHeard = true
    producer.stop(reason)
  }

  /** Adds one entry, surely once: its id makes a second try harmless. Settles when it is there or the log is lost. */
  async function add(entry: string, attempt: () => Promise<unknown>): Promise<void> {
    try {
      const reply = await persistently(async () => closed ? undefined : attempt())
      if (closed || reply === 'added') return
      if (OCCUPIED.test(String(reply))) await settle(entry)
      else lose(reply === 'gone' ? vanished() : refusal(String(reply)))
    }
    catch (error) {
      lose(findCause(commands, error))
    }
  }

  /** Redis holds this entry or a later one: ours of an earlier try, or the end that somebody else wrote. */
  async function settle(entry: string): Promise<void> {
    const [found] = await persistently(() => commands.callBuffer('XREVRANGE', keys.log, '+', '-', 'COUNT', 1)) as RawEntry[]
    if (closed || (found && String(found[0]) === entry)) return
    const last = found && readEntry(found)
    if (last?.kind === 'end') fenced(last.end)
    else lose(vanished())
  }

  function fenced(end: RunEnd): void {
    close()
    producer.lost(end)
  }

  function lose(cause: unknown): void {
    if (closed) return
    drop()
    producer.lost(undefined, cause)
  }

  function close(): void {
    if (closed) return
    closed = true
    waiting = []
    waitingFrames = 0
    presence.end()
    onClose()
  }
}

function vanished(): Misuse {
  return new Misuse('Redis no longer has it: it was emptied, or removes keys before their time, which `maxmemory-policy noeviction` prevents.')
}

/** The error that Redis answers, from a script that went on after it. */
function refusal(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' })
}

/** For what is tidier done but expires by itself. */
function ignore(): undefined {}
