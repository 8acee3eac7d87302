import type { RedisClient } from '../redis'
import { relayError } from '../failures'
import { pause } from './later'
import { ready } from './redis-connection'
import { entryId, idOf, keysOf, type RawEntry } from './redis-entries'

/** Follows every run that somebody reads in this process, over one connection. */
export interface RedisTail {
  /** The next entries behind a cursor, at most a page; waits for them. Empty when the signal aborts. */
  next: (id: string, after: number, signal: AbortSignal) => Promise<RawEntry[]>
  close: () => void
}

export interface RedisTailOptions {
  /** For short commands. */
  commands: RedisClient
  /** Opens the connection that blocks; called once, when the first reader comes. */
  connect: () => RedisClient
  /** Ends the run if its producer is dead; `false`: there is no log. */
  check: (id: string) => Promise<boolean>
  /** Longest wait of one command in milliseconds, and how often runs are checked. */
  block: number
  /** Without a Redis that can say how runs are for so long, readers are told that the log is lost. Milliseconds. */
  patience: number
}

interface Waiter {
  after: number
  resolve: (entries: RawEntry[]) => void
  reject: (error: unknown) => void
}

/** Entries of one run in one reply. An entry is about one flush of the producer: up to 16 KiB, mostly far less. */
const PAGE = 64

export function createRedisTail({ commands, connect, check, block, patience }: RedisTailOptions): RedisTail {
  const waiters = new Map<string, Set<Waiter>>()
  /** Cursor of each run in the command under way. */
  let reading: ReadonlyMap<string, number> | undefined
  let connection: RedisClient | undefined
  let connectionId: unknown
  let running = false
  let waking = false
  let closed = false

  return { next, close }

  function next(id: string, after: number, signal: AbortSignal): Promise<RawEntry[]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve([])
      if (closed) return reject(relayError('log_lost'))
      const seat = waiters.get(id) ?? new Set()
      waiters.set(id, seat)
      const leave = () => {
        signal.removeEventListener('abort', leave)
        seat.delete(waiter)
        if (seat.size === 0 && waiters.get(id) === seat) waiters.delete(id)
        resolve([])
      }
      const waiter: Waiter = {
        after,
        resolve: entries => (signal.removeEventListener('abort', leave), resolve(entries)),
        reject: error => (signal.removeEventListener('abort', leave), reject(error)),
      }
      signal.addEventListener('abort', leave)
      seat.add(waiter)
      if (!running) follow()
      else if (reading && (reading.get(id) ?? Infinity) > after) wake()
    })
  }

  async function follow(): Promise<void> {
    running = true
    let lastCheck = performance.now()
    while (waiters.size > 0 && !closed) {
      try {
        const cursors = new Map([...waiters].map(([id, seat]) => [id, Math.min(...[...seat].map(({ after }) => after))]))
        for (const [id, entries] of await read(cursors)) serve(id, entries, cursors.get(id)!)
        if (performance.now() - lastCheck >= block) {
          await Promise.all([...waiters.keys()].map(checkOne))
          lastCheck = performance.now()
        }
        await pause(0) // those just served are back before the next command leaves
      }
      catch {
        if (performance.now() - lastCheck > patience) for (const id of [...waiters.keys()]) settle(id, lost)
        await pause(200)
      }
    }
    running = false
  }

  async function read(cursors: ReadonlyMap<string, number>): Promise<[id: string, entries: RawEntry[]][]> {
    if (commands.isCluster) return poll(cursors)
    const reader = await connected()
    reading = cursors
    try {
      const keys = [...cursors.keys()].map(id => keysOf(id).log)
      const reply = await reader.callBuffer('XREAD', 'COUNT', PAGE, 'BLOCK', block, 'STREAMS', ...keys, ...[...cursors.values()].map(entryId))
      return parse(reply)
    }
    catch (error) {
      // The connection may hang half-open: a new one tells.
      reader.disconnect(true)
      throw error
    }
    finally {
      reading = undefined
    }
  }

  /** Runs of a cluster are on different nodes, which no one command reads. */
  async function poll(cursors: ReadonlyMap<string, number>): Promise<[id: string, entries: RawEntry[]][]> {
    const replies = await Promise.all([...cursors].map(([id, after]) =>
      commands.callBuffer('XREAD', 'COUNT', PAGE, 'STREAMS', keysOf(id).log, entryId(after))))
    const found = replies.flatMap(parse)
    if (found.length === 0) await pause(200)
    return found
  }

  async function connected(): Promise<RedisClient> {
    if (!connection) {
      connection = connect()
      connection.on('ready', () => connectionId = undefined)
    }
    await ready(connection)
    connectionId ??= await connection.call('CLIENT', 'ID')
    return connection
  }

  /** Ends the command under way, so that the next one has what changed. It may not have reached Redis yet. */
  async function wake(): Promise<void> {
    if (waking) return
    waking = true
    const stale = reading
    while (reading && reading === stale && !closed) {
      await commands.call('CLIENT', 'UNBLOCK', connectionId as number).catch(() => undefined) // it ends by itself after `block`
      await pause(5)
    }
    waking = false
  }

  async function checkOne(id: string): Promise<void> {
    if (!await check(id)) settle(id, lost)
  }

  /** Whoever came meanwhile from further back needs more than these entries, and waits for the next command. */
  function serve(id: string, entries: RawEntry[], cursor: number): void {
    const seat = waiters.get(id)
    if (!seat) return
    for (const waiter of seat) {
      if (waiter.after < cursor) continue
      seat.delete(waiter)
      waiter.resolve(entries)
    }
    if (seat.size === 0) waiters.delete(id)
  }

  function settle(id: string, tell: (waiter: Waiter) => void): void {
    const seat = waiters.get(id)
    waiters.delete(id)
    for (const waiter of seat ?? []) tell(waiter)
  }

  function close(): void {
    closed = true
    for (const id of [...waiters.keys()]) settle(id, lost)
    connection?.disconnect()
  }
}

/** `[wire]` RESP2: `[[key, entries], …]`, or nil when nothing came. */
function parse(reply: unknown): [id: string, entries: RawEntry[]][] {
  return ((reply ?? []) as [key: Buffer, entries: RawEntry[]][]).map(([key, entries]) => [idOf(String(key)), entries])
}

function lost(waiter: Waiter): void {
  waiter.reject(relayError('log_lost'))
}
