import { isStreamError } from '../../shared/errors'
import type { StreamError } from '../../shared/errors'
import type { EndEvent, StreamEvent } from '../../shared/events'
import { outcomeOfError } from '../../shared/outcome'
import { createDecoder } from '../../shared/protocols/decoder'
import type { Decoder } from '../../shared/protocols/decoder'
import type { Protocol } from '../../shared/protocols/protocol'
import type { BodyReader } from './body'
import { dismiss, linger, readBody } from './body'
import type { Connection } from './connection'
import { networkError } from './connection'
import type { DeadlineCode, Timeouts } from './deadlines'
import { createDeadlines, deadlineError } from './deadlines'
import type { Page } from './page'
import { checkResponse } from './response'

export interface AnswerOptions {
  connection: Connection
  protocol: Protocol | Promise<Protocol>
  timeouts: Timeouts
  page: Page
  /** Every event but the last one, which {@link Answer.attempt} gives. */
  onEvent: (event: StreamEvent) => void
  /** Bytes have come at this time, and are decoded. */
  onRead: (now: number) => void
}

/** The answer to a request, over as many connections as it takes. */
export interface Answer {
  /** Asks for it and reads it; gives how that ended. Never rejects. */
  attempt: () => Promise<EndEvent>
  /** Ends whatever is under way. A body whose answer is whole comes to its own end. */
  close: () => void
}

export function createAnswer({ connection, protocol, timeouts, page, onEvent, onRead }: AnswerOptions): Answer {
  const deadlines = createDeadlines(timeouts, page, expire)
  let controller: AbortController | undefined
  let reader: BodyReader | undefined
  /** How the attempt at hand ended, as its decoder says. */
  let ending: EndEvent | undefined
  /** The deadline that broke its connection. */
  let expired: StreamError | undefined
  let closed = false

  async function attempt(): Promise<EndEvent> {
    if (expired?.code === 'total_timeout') return toEnd(expired)
    ending = undefined
    try {
      const response = await connection.open(renew())
      const error = await checkResponse(response)
      if (error) return toEnd(error)
      await readAll(response, createDecoder(await protocol, receive))
    }
    catch (cause) {
      return toEnd(toFailure(cause))
    }
    return ending! // a decoder that has come to its end has said how
  }

  function receive(event: StreamEvent): void {
    if (event.type === 'end') ending = event
    else onEvent(event)
  }

  /** Reads one body after another, as long as the connection has more of them. */
  async function readAll(response: Response, decoder: Decoder): Promise<void> {
    for (;;) {
      const failure = await read(response, decoder)
      const rest = decoder.ended || closed || !connection.reopen ? failure : await connection.reopen(failure, renew())
      if (rest === undefined || isStreamError(rest)) return decoder.end(rest)
      response = rest
    }
  }

  /** Reads one body, and gives what broke it. */
  async function read({ body }: Response, decoder: Decoder): Promise<StreamError | undefined> {
    if (!body) return
    reader = body.getReader()
    try {
      await readBody(reader, decoder, { page, accept: connection.accept, onRead: received })
      return expired
    }
    catch (cause) {
      return toFailure(cause)
    }
  }

  function received(now: number): void {
    deadlines.received(now)
    onRead(now)
  }

  /** Leaves the last connection behind, and waits for the first byte of the next. */
  function renew(): AbortSignal {
    controller?.abort()
    controller = new AbortController()
    reader = expired = undefined
    deadlines.sent()
    return controller.signal
  }

  function expire(code: DeadlineCode): void {
    expired = deadlineError(code)
    abort()
  }

  function abort(): void {
    controller?.abort()
    if (reader) dismiss(reader) // for a fetch that does not know its signal
  }

  function toFailure(cause: unknown): StreamError {
    return expired ?? (isStreamError(cause) ? cause : networkError(cause))
  }

  function close(): void {
    closed = true
    deadlines.close()
    if (reader && ending && !ending.error) void linger(reader, page)
    else abort()
  }

  return { attempt, close }
}

/** A failure that no decoder has seen. */
function toEnd(error: StreamError): EndEvent {
  return { type: 'end', outcome: outcomeOfError(error), error }
}
