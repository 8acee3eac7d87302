import { pump } from './pump'
import type { PumpEnd, PumpListener } from './pump'
import type { TransportBody } from './transport'
import type { Answered, CallEnd, CallListener } from './upstream'

/** Moves an event stream to the client. Settles when it flows, its end being told to the listener, or with what came of it before. */
export function startFlow(body: TransportBody, head: CallEnd, { target, context, listener }: Answered): Promise<CallEnd | undefined> {
  const { delivery: { protocol, sink, limits, tap }, answer, watch, clock } = context
  return new Promise((resolve) => {
    pump({ body, protocol, sink, answer, watch, clock, limits, tap, timeouts: target.upstream.timeouts, listener: new Flow(head, listener, resolve) })
  })
}

/** Who is told of one answer: until its first event whoever waits for that, then the call's listener. A class, since every open stream has one. */
class Flow implements PumpListener {
  constructor(private readonly head: CallEnd, private readonly listener: CallListener, private settle: ((end: CallEnd | undefined) => void) | undefined) {}

  onFirst(what: 'byte' | 'event'): void {
    this.listener.onFirst(what)
    if (what === 'byte') return
    this.settle?.(undefined)
    this.settle = undefined // and the promise that it holds
  }

  onEnd({ error, findings: { error: reported, outcome, usage }, events, bytes }: PumpEnd): void {
    if (events > 0) return this.listener.onEnd({ ...this.head, error, outcome, usage, events, bytes })
    // An error in place of the first event is as good as a status.
    const again = reported !== undefined && error === reported && reported.retryable
    this.settle?.({ ...this.head, error, again, outcome, usage })
  }
}
