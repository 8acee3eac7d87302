import type { StreamErrorCode } from '../../../src/runtime/shared/errors'
import type { Outcome } from '../../../src/runtime/shared/outcome'
import { toFrames } from '../../../src/runtime/testing'
import type { CallState, Fault, HttpAnswer, Reply, Respond, Script } from '../../../src/runtime/testing'
import type { AskOptions } from '../../support/ask-relay'

/** One fault of the upstream, and what must come of it (faults.md). */
export interface FaultRow {
  title: string
  /** What the upstream does; the same at each call, or call by call. */
  upstream: Reply | Respond
  ask?: AskOptions
  /** @default 200 */
  status?: number
  /** Events that reach the client before the end or the error. @default 0 */
  events?: number | 'some'
  /** The relay's error; none: a proper end. */
  error?: StreamErrorCode
  /** Other fields of the error. */
  fields?: Record<string, unknown>
  /** Headers of the answer. */
  headers?: Record<string, string>
  outcome: Outcome
  /** Calls that the upstream sees. @default 1 */
  calls?: number
  /** Calls as the record counts them. @default calls */
  attempts?: number
  /** How the last call ended. @default 'sent' */
  call?: CallState
  /** Most bytes that the upstream gets rid of, where it would send more. */
  sentBytes?: number
}

/** Rows by the numbers of faults.md; a letter is added where a number has several. */
export type FaultRows = Record<`F${number}${'' | `.${string}`}`, FaultRow>

/** Marks what must not be found in any log: keys, prompts and answers carry it. */
export const CANARY = 'CANARY'

/** Five frames: role, two pieces of text, finish reason, `[DONE]`. "2 ev" of faults.md are the first two. */
export const hello: Script = { text: [`${CANARY} ans`, 'wer'], usage: false }
export const frames: readonly string[] = toFrames(hello, { protocol: 'chat' })

export function broken(...fault: Fault[]): Reply {
  return { ...hello, fault }
}

/** An event stream of these very chunks. */
export function sse(body: HttpAnswer['body'], ...faults: Fault[]): HttpAnswer {
  return faults.reduce<HttpAnswer>((answer, fault) => fault(answer), { headers: { 'content-type': 'text/event-stream' }, body })
}

/** Bytes of a whole answer, head included, for what `node:http` would not say. */
export function raw(head: string, body = frames.join('')): Reply {
  return { raw: `${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}` }
}
