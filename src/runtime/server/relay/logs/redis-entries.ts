import type { LogEntry, LogMeta } from './log'

/** Where the parts of a run are kept. The braces put them in one slot of a cluster. */
export interface RunKeys {
  /** The stream: head, frames, end. */
  log: string
  /** There while the producer lives. */
  lease: string
  /** There once somebody asked to stop; holds the reason. */
  stop: string
  /** There while a viewer is. */
  seen: string
}

export function keysOf(id: string): RunKeys {
  const base = `nls:{${id}}`
  return { log: `${base}:log`, lease: `${base}:lease`, stop: `${base}:stop`, seen: `${base}:seen` }
}

/** The run's id in the name of its stream, whatever prefix the client adds. */
export function idOf(logKey: string): string {
  return logKey.slice(logKey.lastIndexOf('{') + 1, logKey.lastIndexOf('}'))
}

/**
 * Entries of the stream. The head is number 1; a batch of frames has the number of its last frame, so that whatever lies
 * behind a cursor has a larger id; the end has the largest number there is, so that Redis itself refuses all that would
 * follow it: a producer that was given up cannot write on.
 */
export const HEAD_ID = '1-0'
export const END_ID = `${Number.MAX_SAFE_INTEGER}-0`
export const entryId = (frame: number): string => `${frame}-0`

/** `[wire]` Redis: "The ID specified in XADD is equal or smaller than the target stream top item". */
export const OCCUPIED = /equal or smaller/

/**
 * What a reply to XRANGE or XREAD holds, all strings as bytes: `[id, [field, value, field, value]]`. The head has `m`, its meta;
 * frames have `n`, how many, and `d`, their bytes; the end has `l`, the last frame's number, and `e`, how the run ended.
 */
export type RawEntry = [id: Buffer, fields: Buffer[]]

export function readEntry([id, fields]: RawEntry): LogEntry | { kind: 'head', meta: LogMeta } {
  const [field, value, , bytes] = fields
  switch (String(field)) {
    case 'm': return { kind: 'head', meta: JSON.parse(String(value)) }
    case 'n': {
      const last = Number.parseInt(String(id))
      return { kind: 'frames', first: last - Number(String(value)) + 1, last, bytes: bytes! }
    }
    default: return { kind: 'end', end: JSON.parse(String(bytes)) }
  }
}

/** Number of the last frame that an entry stands for. */
export function lastFrame([id, fields]: RawEntry): number {
  return String(id) === END_ID ? Number(String(fields[1])) : Number.parseInt(String(id))
}
