import type { LogEntry, LogLifetime, LogMeta, LogProducer, LogState, LogWriter, RunEnd, StopReason, StreamLog } from './log'
import { relayError } from '../failures'
import { FIRST_FRAME } from './log'
import { later, type Timer } from './later'
import { Pages } from './pages'
import { createPresence, type Presence } from './presence'
import { Tape } from './tape'

export interface MemoryLogOptions {
  /** Bytes of all logs together. Beyond them the oldest ended logs go first, then new runs get none. @default 64 MiB */
  bytes?: number
}

interface Log {
  id: string
  meta: LogMeta
  /** Who writes it, and who watches. Only while it runs: a request and its response hang on it. */
  live: { producer: LogProducer, presence: Presence } | undefined
  tape: Tape
  /** What it counted against the bound when it was last looked at. */
  weight: number
  end?: RunEnd
  /** `performance.now()` after which an ended log is forgotten. */
  expiresAt: number
  /** Expired, evicted or dropped: readers find that it is lost. */
  gone: boolean
  /** Readers that have everything, waiting for more. */
  parked: Set<() => void>
  stopped: boolean
}

/** What a log weighs beside its tape; measured. */
const OVERHEAD = 1536

/**
 * Logs in this process's memory: nothing to set up, nothing survives the process. A running log needs no expiry, because
 * its producer lives here too and always ends it.
 */
export function createMemoryLog({ bytes: capacity = 64 * 1024 * 1024 }: MemoryLogOptions = {}): StreamLog {
  const running = new Map<string, Log>()
  /** In order of their ends, so the first is the oldest and the next to expire. */
  const ended = new Map<string, Log>()
  const pages = new Pages()
  let total = 0
  let sweeper: Timer | undefined

  return { create, open, read, stop, touch, close }

  async function create(id: string, meta: LogMeta, lifetime: LogLifetime, producer: LogProducer): Promise<LogWriter> {
    if (find(id) || !makeRoom(OVERHEAD)) throw relayError('resume_unavailable')
    const log: Log = {
      id, meta, tape: new Tape(pages), live: { producer, presence: createPresence(producer.orphan) },
      weight: 0, expiresAt: 0, gone: false, stopped: false, parked: new Set(),
    }
    running.set(id, log)
    weigh(log)
    return { append: (bytes, count) => append(log, bytes, count), end: async end => finish(log, end, lifetime.ended), drop: () => forget(log) }
  }

  async function open(id: string): Promise<LogState | null> {
    const log = find(id)
    return log ? { meta: log.meta, first: FIRST_FRAME, last: log.tape.last, ...(log.end && { end: log.end }) } : null
  }

  async function* read(id: string, after: number, signal: AbortSignal): AsyncGenerator<LogEntry> {
    const log = find(id)
    if (!log) throw relayError('log_lost')
    const next = log.tape.reader(after)
    while (!signal.aborted) {
      if (log.gone) throw relayError('log_lost')
      const batch = next()
      if (batch) {
        yield batch
      }
      else if (log.end) {
        yield { kind: 'end', end: log.end }
        return
      }
      else {
        await more(log, signal)
      }
    }
  }

  async function stop(id: string, reason: StopReason): Promise<void> {
    const log = running.get(id)
    if (!log || log.stopped) return
    log.stopped = true
    log.live?.producer.stop(reason)
  }

  async function touch(id: string, ms: number): Promise<void> {
    running.get(id)?.live?.presence.touch(ms)
  }

  async function close(): Promise<void> {
    clearTimeout(sweeper)
    for (const log of [...running.values(), ...ended.values()]) forget(log)
  }

  function append(log: Log, bytes: Uint8Array, count: number): void {
    if (log.gone || log.end) return
    const growth = log.tape.growth(bytes.length)
    if (growth > 0 && !makeRoom(growth)) return lose(log)
    log.tape.append(bytes, count)
    if (growth > 0) weigh(log)
    if (log.parked.size > 0) wake(log)
  }

  function lose(log: Log): void {
    const { live } = log
    forget(log)
    live?.producer.lost()
  }

  function finish(log: Log, end: RunEnd, lifetime: number): void {
    if (log.gone || log.end) return
    log.end = end
    log.expiresAt = performance.now() + lifetime
    letGo(log)
    running.delete(log.id)
    ended.set(log.id, log)
    sweepLater()
    wake(log)
  }

  function find(id: string): Log | undefined {
    const log = running.get(id) ?? ended.get(id)
    if (!log?.end || performance.now() < log.expiresAt) return log
    forget(log)
  }

  function forget(log: Log): void {
    if (log.gone) return
    log.gone = true
    running.delete(log.id)
    ended.delete(log.id)
    letGo(log)
    log.tape.erase()
    total -= log.weight
    wake(log)
  }

  function makeRoom(need: number): boolean {
    if (total + need <= capacity) return true
    for (const log of ended.values()) {
      if (total + need <= capacity) break
      forget(log)
    }
    return total + need <= capacity
  }

  function weigh(log: Log): void {
    const weight = OVERHEAD + log.tape.weight
    total += weight - log.weight
    log.weight = weight
  }

  /** One timer for all ended logs, and none while there are none. */
  function sweepLater(): void {
    if (sweeper !== undefined) return
    const [oldest] = ended.values()
    if (oldest) sweeper = later(sweep, oldest.expiresAt - performance.now())
  }

  function sweep(): void {
    sweeper = undefined
    for (const log of ended.values()) {
      if (performance.now() < log.expiresAt) break
      forget(log)
    }
    pages.trim()
    sweepLater()
  }
}

function letGo(log: Log): void {
  log.live?.presence.end()
  log.live = undefined
}

function wake(log: Log): void {
  for (const resume of log.parked) resume()
  log.parked.clear()
}

/** Settles at the next append, end or loss, or when the signal aborts. */
function more(log: Log, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const resume = () => {
      signal.removeEventListener('abort', resume)
      log.parked.delete(resume)
      resolve()
    }
    signal.addEventListener('abort', resume)
    log.parked.add(resume)
  })
}
