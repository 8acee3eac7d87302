import { StreamError, errorFromJson } from '../errors'
import type { StreamEvent } from '../events'
import { outcomeOfError } from '../outcome'
import type { Outcome } from '../outcome'
import type { SseMessage } from '../sse'
import { toUsage } from '../usage'
import { DONE, ERROR_FRAME } from '../wire'
import { isObject, textOf } from './json'
import { protocolOf } from './mismatch'
import type { Emit, Protocol } from './protocol'
import { holdsError, toUpstreamError } from './upstream-error'

/**
 * Turns the messages of one answer into events, pushed to `emit` before the call returns. Emits exactly one `end`, as the
 * last event; what is given to it later is ignored.
 */
export interface Decoder {
  /** A message of the stream. */
  message: (message: SseMessage) => void
  /** The whole answer that `stream: false` gives, parsed, as if a message held it. Nothing comes before it. */
  whole: (answer: unknown) => void
  /**
   * The body has ended, or broke with `failure`. After proof of completion (wire.md §4) both end the run well; without it
   * the first means `truncated`, the second `failed`.
   */
  end: (failure?: StreamError) => void
  /** True once `end` was emitted: reading on is pointless. */
  readonly ended: boolean
}

/** What all protocols share: parsing, errors in all their shapes, mismatches, and the one end. */
export function createDecoder({ name: protocol, createReader }: Protocol, emit: Emit): Decoder {
  let ended = false
  let silent = true
  let recognised = false
  /** The message that is being read. */
  let raw: unknown

  let responseId = ''
  let model = ''

  const reader = createReader(tell, { identify, count, finish, fail: report => fail(toUpstreamError(report)) })

  function tell(event: StreamEvent): void {
    silent = false
    event.raw = raw // here, so that no reader has to hand it on
    emit(event)
  }

  function identify(holder: Record<string, unknown>): boolean {
    const id = responseId === '' ? textOf(holder.id) : ''
    const name = model === '' ? textOf(holder.model) : ''
    responseId ||= id
    model ||= name
    if (id || name) tell({ type: 'metadata', ...(id && { responseId: id }), ...(name && { model: name }) })
    return responseId !== '' && model !== ''
  }

  function count(counted: unknown): void {
    const usage = toUsage(counted)
    if (usage) tell({ type: 'usage', usage })
  }

  function finish(): void {
    end(reader.outcome())
  }

  function fail(error: StreamError): void {
    end(outcomeOfError(error), error)
  }

  function end(outcome: Outcome, error?: StreamError): void {
    if (ended) return
    // Calls of an answer that broke off, failed or was stopped stay open, so that nobody executes them.
    if (!error && outcome !== 'stopped') reader.close()
    ended = true
    emit({ type: 'end', outcome, ...(error && { error }) })
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

  function read(message: unknown, event?: string): void {
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
      read(message, event)
    },
    whole: read,
    end(failure) {
      if (ended) return
      if (reader.proven()) finish()
      else fail(failure ?? truncated())
    },
  }
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
