/**
 * The way to the client. `node/response-sink.ts` writes to a Node response, `web/stream-sink.ts` feeds a web `Response`;
 * `describeSink` holds both to the same behaviour.
 */
export interface Sink {
  /** Sets status and headers; they leave with the first bytes. After that it changes nothing. */
  head: (status: number, headers: Record<string, string>) => void
  /**
   * Hands bytes on, for good: nobody changes them any more. `false`: the client is slower than we are; write no more
   * before `drained` settles.
   */
  write: (bytes: Uint8Array) => boolean
  /**
   * Settles when there is room again, after `end` when all bytes have left, and in any case when the client is gone (see
   * `ClientSink`). Never rejects.
   */
  drained: () => Promise<void>
  /** Ends the response properly. Later calls of any method do nothing. */
  end: () => void
  /** Cuts the connection: the client sees a broken body. */
  destroy: () => void
}

/** The sink of a request: the end of the way, which knows whether somebody is there. */
export interface ClientSink extends Sink {
  /** Tells the listener, the only one, when the client is gone before `end`; at once where it is gone already. */
  onGone: (listener: ClientListener) => void
}

export interface ClientListener {
  onGone: () => void
}
