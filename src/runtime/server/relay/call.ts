import { HEADERS } from '../../shared/wire'
import type { Exchange } from './exchange'
import type { ErrorContext } from './rules'
import type { ClientListener } from './sink'
import { LightSignal } from './light-signal'
import { randomId } from './random-id'

/**
 * One request on its way through the steps: what they learn of it, and how it can be ended. A class, since every open stream has
 * one.
 */
export class Call implements ClientListener {
  /** 128 random bits. */
  readonly requestId = randomId()
  /** `performance.now()` when it arrived. */
  readonly startedAt = performance.now()
  /** Ends it; `deliver.ts` says what a reason means. */
  readonly run = new LightSignal()
  /** What to do when the client goes, of a run that can go on without it. @default the run ends */
  goOn: (() => void) | undefined
  /** It reads what another call writes, here or in another process, and ends with it. */
  follows = false
  /** Headers of the answer, whatever it is. */
  readonly headers: Record<string, string> = { [HEADERS.requestId]: this.requestId }
  /** What is known so far; for `onError`. */
  readonly context: ErrorContext

  /** `over` is called once, when the answer has ended, with what was refused or went wrong. */
  constructor(readonly exchange: Exchange, private readonly over: (call: Call, failure?: unknown) => void) {
    this.context = { event: exchange.event, requestId: this.requestId }
    exchange.sink.onGone(this)
  }

  onGone(): void {
    if (this.goOn) this.goOn()
    else this.run.abort('disconnected')
  }

  end(failure?: unknown): void {
    this.over(this, failure)
  }
}
