import type { Script } from './script'

/**
 * What `respond` may give: a text, a {@link Script} that is written in the protocol of the call, or an {@link Answer} that
 * says every byte.
 */
export type Reply = string | Script | Answer

/** One answer of an upstream, down to the chunks of its body. */
export type Answer = HttpAnswer | RawAnswer

/** An answer by HTTP, as a proper server would send it. */
export interface HttpAnswer {
  /** @default 200 */
  status?: number
  /** Sent as they are. Nothing is added but what HTTP itself needs. */
  headers?: Record<string, string>
  body: Body
  /** Compresses the body, flushed after each chunk. Has no effect through `fetch`, which gives bodies inflated. */
  gzip?: boolean
}

/**
 * Bytes for the socket itself, status line included: for what a proper server cannot be made to say. Needs `listen()`;
 * through `fetch` it can only break or stall.
 */
export interface RawAnswer {
  raw: Body
}

/**
 * The steps of a body in order. A string is one chunk; an async generator may take its time between steps, and serves one
 * call only.
 */
export type Body = string | Iterable<BodyStep> | AsyncIterable<BodyStep>

/** A chunk, or something that happens between two chunks. */
export type BodyStep
  = | string
    | Uint8Array
    /** Sends nothing for `ms` milliseconds. */
    | { do: 'wait', ms: number }
    /** Sends nothing any more and keeps the connection, until the caller or `close()` ends it. */
    | { do: 'stall' }
    /** Closes the connection without the end of the body. With `inside`, in the middle of a chunk that starts with it. */
    | { do: 'cut', inside?: string | Uint8Array }
    /** Resets the connection (TCP RST). */
    | { do: 'reset' }

/** Turns a good answer into a bad one; goes into {@link Script.fault}. */
export type Fault = (answer: HttpAnswer) => HttpAnswer

export function isAnswer(reply: Script | Answer): reply is Answer {
  return 'body' in reply || 'raw' in reply
}
