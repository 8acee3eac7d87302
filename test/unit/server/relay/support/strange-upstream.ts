import { relayError } from '../../../../../src/runtime/server/relay/failures'
import type { BodyListener, Transport, TransportBody } from '../../../../../src/runtime/server/relay/transport'
import type { Dice } from '../../../../support/dice'

/** What a request's text must hold, so that all that is answered to it can be told from answers to others. */
export const MARK = /mark-\d{4}/

const encoder = new TextEncoder()

export interface StrangeUpstream {
  transport: Transport
  /** Answers whose body nobody has ended or let go of. */
  open: () => number
}

/** An upstream that answers well, badly, slowly, partly or not at all, as the dice say. Every answer repeats the request's mark. */
export function createStrangeUpstream(dice: Dice): StrangeUpstream {
  const open = new Set<object>()
  return {
    open: () => open.size,
    transport: {
      async open({ body: request }, signal) {
        signal.throwIfAborted()
        const mark = MARK.exec(new TextDecoder().decode(request))![0]
        await new Promise<void>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          if (dice.chance(0.95)) void dice.soon().then(resolve)
        })
        if (dice.chance(0.1)) throw relayError(dice.pick('upstream_unreachable', 'upstream_dns', 'upstream_tls'))
        if (dice.chance(0.02)) throw new TypeError('a mistake of the transport')
        const answer = {}
        open.add(answer)
        const type = dice.chance(0.85) ? 'text/event-stream' : dice.pick('application/json', 'text/html', '')
        return {
          status: dice.chance(0.85) ? 200 : dice.pick(204, 302, 401, 429, 500, 503),
          headers: { ...(type && { 'content-type': type }), ...(dice.chance(0.1) && { 'retry-after': dice.pick('0', '1', '-1', '1e9', 'x') }) },
          body: strangeBody(dice, mark, () => open.delete(answer)),
        }
      },
    },
  }
}

function strangeBody(dice: Dice, mark: string, onOver: () => void): TransportBody {
  let listener: BodyListener | undefined
  let paused = false
  let wake = () => {}
  const leave = () => {
    listener = undefined
    wake()
    onOver()
  }
  return {
    start(given) {
      listener = given
      void speak()
    },
    pause() { paused = true },
    resume() {
      paused = false
      wake()
    },
    finish: leave,
    cancel: leave,
  }

  async function speak(): Promise<void> {
    for (let left = dice.below(12); left > 0; left--) {
      await dice.soon()
      while (paused && listener) await new Promise<void>((resolve) => { wake = resolve })
      listener?.chunk(encoder.encode(piece(dice, mark)))
    }
    await dice.soon()
    if (!listener || dice.chance(0.2)) return // and never another word
    const told = listener
    leave()
    if (dice.chance(0.3)) told.fail(relayError('upstream_reset'))
    else told.end()
  }
}

function piece(dice: Dice, mark: string): string {
  const size = dice.chance(0.2) ? dice.below(20_000) : dice.below(40)
  const delta = `data: {"choices":[{"index":0,"delta":{"content":"${mark} ${'x'.repeat(size)}"}}]}\n\n`
  if (dice.chance(0.7)) return delta.repeat(1 + dice.below(4))
  return dice.pick(
    delta.slice(0, dice.below(delta.length)), // what follows belongs to it
    ': ping\n\n',
    'event: error\ndata: {}\n\n',
    'data: {"error":{"message":"x","code":"rate_limit_exceeded"}}\n\n',
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1e999,"completion_tokens":-3}}\n\ndata: [DONE]\n\n',
    'data: [DONE]\n\n',
  )
}
