import { StreamError, errorFromJson } from '../errors'
import type { StreamEvent } from '../events'
import { outcomeOfError } from '../outcome'
import type { Outcome } from '../outcome'
import { DONE, ERROR_FRAME } from '../wire'
import type { ProtocolName } from '../wire'
import { isObject } from './json'
import { protocolOf } from './mismatch'
import type { Decoder } from './protocol'
import { holdsError, toUpstreamError } from './upstream-error'

export type Emit = (event: StreamEvent) => void

/** What one wire format adds to {@link createJsonDecoder}: the meaning of its messages. */
export interface MessageReader {
  /** One message, already parsed, or a whole answer. `event` is the frame's name, which counts only where the message has no type. */
  read: (message: Record<string, unknown>, event: string | undefined) => void
  /** The answer is whole: closes what is still open. */
  close: () => void
  /** Whether what was read proves that the answer is whole (wire.md §4). */
  proven: () => boolean
  /** Outcome by the reasons read so far. */
  outcome: () => Outcome
}

/** The ways in which a message ends the run. */
export interface Endings {
  /** A terminal message was read. */
  finish: () => void
  fail: (error: StreamError) => void
}

/** What the decoders of all JSON protocols share: parsing, errors in all their shapes, mismatches, and the one end. */
export function createJsonDecoder(protocol: ProtocolName, emit: Emit, createReader: (emit: Emit, endings: Endings) => MessageReader): Decoder {
  let ended = false
  let silent = true
  let recognised = false
  /** The message that is being read. */
  let raw: unknown

  const reader = createReader((event) => {
    silent = false
    event.raw = raw // here, so that no reader has to hand it on
    emit(event)
  }, { finish, fail })

  function finish(): void {
    end(reader.outcome())
  }

  function fail(error: StreamError): void {
    end(outcomeOfError(error), error)
  }

  function end(outcome: Outcome, error?: StreamError): void {
    if (ended) return
    if (isWhole(outcome)) reader.close()
    ended = true
    emit(error ? { type: 'end', outcome, error } : { type: 'end', outcome })
  }

  /** Whether the message is this protocol's, or at least no other's. */
  function belongs(message: Record<string, unknown>): boolean {
    const seen = protocolOf(message)
    recognised = seen === protocol
    if (recognised || seen === undefined) return true
    fail(new StreamError({
      code: 'protocol_mismatch',
      message: `Expected an answer of protocol '${protocol}', but what arrived is of '${seen}'. Ask for it with protocol: '${seen}'.`,
      status: 502,
    }))
    return false
  }

  return {
    get ended() { return ended },
    message({ event, data }) {
      if (ended || data === '') return
      if (data === DONE) return finish()
      let message: unknown
      try {
        message = JSON.parse(data)
      }
      catch (cause) {
        return fail(event === ERROR_FRAME ? toUpstreamError(data) : notJson(cause))
      }
      if (!isObject(message)) return event === ERROR_FRAME ? fail(toUpstreamError(message)) : emit({ type: 'raw', event, raw: message })
      const failed = event === ERROR_FRAME || holdsError(message)
      if (!failed && !recognised && !belongs(message)) return
      silent = true
      raw = message
      reader.read(message, event)
      raw = undefined
      if (ended) return
      if (silent) emit({ type: 'raw', event, raw: message })
      if (failed) fail(errorFromJson(message) ?? toUpstreamError(message))
    },
    end(failure) {
      if (ended) return
      if (reader.proven()) finish()
      else fail(failure ?? truncated())
    },
  }
}

/** Calls of an answer that broke off, failed or was stopped stay open, so that nobody executes them. */
function isWhole(outcome: Outcome): boolean {
  return outcome !== 'truncated' && outcome !== 'failed' && outcome !== 'stopped'
}

function notJson(cause: unknown): StreamError {
  return new StreamError({
    code: 'protocol_error',
    message: 'The stream holds a message that is not JSON. What follows it cannot be trusted, so reading stopped there.',
    status: 502,
    cause,
  })
}

function truncated(): StreamError {
  return new StreamError({
    code: 'upstream_truncated',
    message: 'The answer broke off: the body ended without a finish reason or a terminal message.',
    status: 502,
    retryable: true,
  })
}
