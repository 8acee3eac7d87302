import { HEADERS } from '../../shared/wire'
import type { Exchange } from './exchange'
import type { ErrorContext } from './rules'
import { RunSignal } from './run-signal'

/** One request on its way through the steps: what they learn of it, and how it can be ended. */
export interface Call {
  exchange: Exchange
  /** 128 random bits. */
  requestId: string
  /** `performance.now()` when it arrived. */
  startedAt: number
  /** Ends it. */
  run: RunSignal
  /** Called when the client goes: ends the run, unless it is one that goes on. */
  onGone: () => void
  /** Headers of the answer, whatever it is. */
  headers: Record<string, string>
  /** What is known so far; for `onError`. */
  context: ErrorContext
}

export function openCall(exchange: Exchange): Call {
  const requestId = randomId()
  const run = new RunSignal()
  const call: Call = {
    exchange,
    requestId,
    startedAt: performance.now(),
    run,
    onGone: () => run.abort('disconnected'),
    headers: { [HEADERS.requestId]: requestId },
    context: { event: exchange.event, requestId },
  }
  exchange.sink.onGone(() => call.onGone())
  return call
}

/** 128 random bits as base64url, 22 characters. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').slice(0, 22)
}
