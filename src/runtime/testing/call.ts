import { PROTOCOL_NAMES, PROTOCOL_PATHS } from '../shared/wire'
import type { ProtocolName } from '../shared/wire'

/** One request as the fake upstream got it, and what became of its answer. */
export interface RecordedCall {
  /** Number of the call, from 0. */
  readonly index: number
  readonly method: string
  /** Path and query as they were asked for. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as it came; `''` until it is whole. */
  readonly text: string
  /** The body's JSON; `undefined` where it has none. */
  readonly body: unknown
  /** By the end of the path: `…/chat/completions`, `…/responses`, `…/messages`. */
  readonly protocol: ProtocolName | undefined
  /** Whether the body asks for `stream: true`. */
  readonly stream: boolean
  /** Number of the TCP connection, from 0, so that reuse can be seen. `undefined` through `fetch`. */
  readonly connection: number | undefined
  readonly state: CallState
  /** Bytes of the answer's body that were handed on so far, before any compression. */
  readonly sentBytes: number
  /** When the head had arrived and when the answer was over, by `performance.now()`. */
  readonly startedAt: number
  readonly endedAt: number | undefined
  /** Resolves with the final state. Never rejects. */
  readonly ended: Promise<CallState>
  /** What `respond` threw, or what made its answer impossible to send. */
  readonly error: unknown
}

/**
 * `open`: under way. `sent`: the whole answer went out. `broken`: cut or reset by its own script. `aborted`: the caller left
 * before the end, or the fake upstream was closed.
 */
export type CallState = 'open' | 'sent' | 'broken' | 'aborted'

/** What is known of a call when its head has arrived. */
export type CallHead = Pick<RecordedCall, 'method' | 'path' | 'headers' | 'connection'>

/** The same call for those who fill it in. */
export type OpenCall = { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] } & {
  /** Whether the body is there. */
  complete: boolean
  settle: (state: CallState) => void
}

export function openCall(index: number, head: CallHead): OpenCall {
  let resolve!: (state: CallState) => void
  const ended = new Promise<CallState>((settled) => { resolve = settled })
  const call: OpenCall = {
    ...head,
    index,
    text: '',
    body: undefined,
    protocol: protocolOf(head.path),
    stream: false,
    state: 'open',
    sentBytes: 0,
    startedAt: performance.now(),
    endedAt: undefined,
    ended,
    error: undefined,
    complete: false,
    settle(state) {
      if (call.state !== 'open') return
      call.state = state
      call.endedAt = performance.now()
      resolve(state)
    },
  }
  return call
}

/** Puts the body in its place once it is whole. */
export function fillBody(call: OpenCall, text: string): void {
  call.text = text
  call.complete = true
  try {
    call.body = JSON.parse(text)
  }
  catch {
    // Not JSON is a legal thing to send: the test sees `body: undefined` and the text.
  }
  call.stream = typeof call.body === 'object' && call.body !== null && 'stream' in call.body && call.body.stream === true
}

function protocolOf(path: string): ProtocolName | undefined {
  const { pathname } = new URL(path, 'http://fake')
  return PROTOCOL_NAMES.find(name => pathname.endsWith(`/${PROTOCOL_PATHS[name]}`))
}
