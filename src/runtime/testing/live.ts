import type { BodyStep, HttpAnswer } from './answer'

/** An answer that the test writes while it runs. */
export interface LiveAnswer extends HttpAnswer {
  /** Sends these chunks, or does these steps, after those that were given before. */
  emit: (...steps: BodyStep[]) => void
  /** Ends the body properly, after what was emitted. */
  end: () => void
}

/**
 * An answer for one call, under the test's hand.
 *
 * @example
 * import { createFakeUpstream, createLiveAnswer, toFrames } from 'nuxt-llm-stream/testing'
 *
 * const live = createLiveAnswer()
 * const upstream = createFakeUpstream({ respond: () => live })
 * const [first = '', ...rest] = toFrames({ text: 'Hello' }, { protocol: 'chat' })
 * live.emit(first)
 * // … look at what the app shows now …
 * live.emit(...rest)
 * live.end()
 */
export function createLiveAnswer({ headers, ...head }: Omit<HttpAnswer, 'body'> = {}): LiveAnswer {
  const queue: (BodyStep | undefined)[] = []
  let wake = () => {}
  const push = (...steps: (BodyStep | undefined)[]) => {
    queue.push(...steps)
    wake()
  }
  async function* body(): AsyncGenerator<BodyStep> {
    for (;;) {
      if (queue.length === 0) await new Promise<void>((resolve) => { wake = resolve })
      const step = queue.shift()
      if (step === undefined) return
      yield step
    }
  }
  return {
    ...head,
    headers: { 'content-type': 'text/event-stream; charset=utf-8', ...headers },
    body: body(),
    emit: push,
    end: () => push(undefined),
  }
}
