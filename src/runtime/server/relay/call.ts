import { HEADERS } from '../../shared/wire'
import type { Exchange } from './exchange'
import type { ErrorContext } from './rules'
import { LightSignal } from './light-signal'
import { randomId } from './random-id'

/** One request on its way through the steps: what they learn of it, and how it can be ended. */
export interface Call {
  exchange: Exchange
  /** 128 random bits. */
  requestId: string
  /** `performance.now()` when it arrived. */
  startedAt: number
  /** Ends it; `deliver.ts` says what a reason means. */
  run: LightSignal
  /** Called when the client goes: ends the run, unless it is one that goes on. */
  onGone: () => void
  /** Headers of the answer, whatever it is. */
  headers: Record<string, string>
  /** What is known so far; for `onError`. */
  context: ErrorContext
}

export function openCall(exchange: Exchange): Call {
  const requestId = randomId()
  const run = new LightSignal()
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
