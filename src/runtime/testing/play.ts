import type { Body, BodyStep } from './answer'
import { isChunk, toBytes, toSteps } from './body'

/** Where a body is played to: a response, a bare socket or a web stream. */
export interface Channel {
  /** Hands a chunk on. A promise is waited for before the next step, so that a slow reader slows the answer. */
  send: (chunk: Uint8Array) => Promise<unknown> | undefined
  /** Ends the body properly; resolves when all of it is handed on. */
  end: () => Promise<unknown>
  /** Closes the connection without that end; with `inside`, in the middle of a chunk. */
  cut: (inside: Uint8Array | undefined) => Promise<unknown>
  reset: () => Promise<unknown>
}

/**
 * Plays the steps of a body in order. `signal` ends it at any point, by a rejection with its reason: no timer and no
 * iterator outlives that.
 */
export async function play(body: Body, channel: Channel, signal: AbortSignal): Promise<'sent' | 'broken'> {
  const steps = toIterator(body)
  const abortable = createAbortable(signal)
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = steps.next()
      const { done, value: step } = 'then' in next ? await abortable(next) : next
      if (done) {
        await abortable(channel.end())
        return 'sent'
      }
      if (isChunk(step)) {
        const room = channel.send(toBytes(step))
        if (room) await abortable(room)
        continue
      }
      switch (step.do) {
        case 'wait':
          await wait(step.ms, abortable)
          break
        case 'stall':
          await abortable(new Promise(() => {}))
          break
        case 'cut':
          await channel.cut(step.inside === undefined ? undefined : toBytes(step.inside))
          return 'broken'
        case 'reset':
          await channel.reset()
          return 'broken'
      }
    }
  }
  finally {
    // A generator that is still busy takes note of this when it gets there; nobody has to wait for it.
    Promise.resolve(steps.return?.()).catch(() => {})
  }
}

function toIterator(body: Body): Iterator<BodyStep, unknown> | AsyncIterator<BodyStep, unknown> {
  const steps = toSteps(body)
  return Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]()
}

type Abortable = <Value>(promise: Promise<Value>) => Promise<Value>

/** One listener for a whole body: a race per step would hang a reaction on the signal for each of a million steps. */
function createAbortable(signal: AbortSignal): Abortable {
  let cancel = () => {}
  signal.addEventListener('abort', () => cancel(), { once: true })
  return promise => new Promise((resolve, reject) => {
    cancel = () => reject(signal.reason)
    promise.then(resolve, reject)
  })
}

async function wait(ms: number, abortable: Abortable): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    await abortable(new Promise((resolve) => { timer = setTimeout(resolve, ms) }))
  }
  finally {
    clearTimeout(timer)
  }
}
