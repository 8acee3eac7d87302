import type { HttpAnswer, Reply } from './answer'
import { fillBody, openCall } from './call'
import type { CallHead, OpenCall, RecordedCall } from './call'
import { createFetch } from './fetch'
import type { FakeFetch } from './fetch'
import type { ListenOptions, Listening } from './listen'
import { play } from './play'
import type { Channel } from './play'
import { writeAnswer } from './write-answer'

/** Decides what a call is answered with. */
export type Respond = (call: RecordedCall) => Reply | Promise<Reply>

/** Options of `createFakeUpstream`. */
export interface FakeUpstreamOptions {
  /** @default a short greeting, whatever the call */
  respond?: Respond
}

/** An upstream under the hand of a test. */
export interface FakeUpstream {
  /** Answers without a network. Redirects are given, never followed. */
  fetch: FakeFetch
  /** Answers on a real port of this machine, by real HTTP. Needs Node, Bun or Deno. */
  listen: (options?: ListenOptions) => Promise<Listening>
  /** Every call so far, in order of arrival; a call is here as soon as its head has arrived. */
  readonly calls: readonly RecordedCall[]
  /** The call of that number, once its body is there: waits for one that has not been made yet. */
  call: (index: number) => Promise<RecordedCall>
  /** May be replaced between two calls. */
  respond: Respond
  /** Forgets the calls so far; numbers start at 0 again. */
  clear: () => void
  /** Breaks the answers under way and closes every port. */
  close: () => Promise<void>
}

/** One way in: `fetch` or a port. */
export interface Front {
  head: CallHead
  readText: () => Promise<string>
  /** Sends the head of an answer and gives the way for its body. */
  start: (answer: HttpAnswer) => Channel
  /** Gives the way for an answer that writes its own head. */
  startRaw: () => Channel
  /** Breaks the connection: the answer cannot go on. */
  breakOff: (error: unknown) => void
  /** Aborts when the caller is gone. */
  signal: AbortSignal
}

/**
 * A language-model API that says what a test wants it to say, and records what it was asked. It speaks Chat Completions,
 * Responses and Messages, streamed or not.
 *
 * @example
 * import { createFakeUpstream, resetAfter } from 'nuxt-llm-stream/testing'
 *
 * const upstream = createFakeUpstream({ respond: () => ({ text: 'Four.', fault: resetAfter(2) }) })
 * const { url } = await upstream.listen()
 * // … let the app under test talk to `${url}/v1` …
 * const { headers, ended } = await upstream.call(0)
 * console.log(headers.authorization, await ended) // 'Bearer sk-test', 'broken'
 * await upstream.close()
 */
export function createFakeUpstream({ respond = () => 'Hello from the fake upstream.' }: FakeUpstreamOptions = {}): FakeUpstream {
  let calls: OpenCall[] = []
  let waiting: { index: number, resolve: (call: RecordedCall) => void }[] = []
  const ports: Listening[] = []
  const closing = new AbortController()

  /** Never rejects: what goes wrong is told by the call, and by the broken connection. */
  async function handle(front: Front): Promise<void> {
    const call = openCall(calls.length, front.head)
    calls.push(call)
    front.signal.addEventListener('abort', () => call.settle('aborted'), { once: true })
    try {
      fillBody(call, await front.readText())
    }
    catch {
      return call.settle('aborted') // the caller broke off its own request
    }
    announce(call)
    try {
      call.settle(await answer(call, await decide(call), front))
    }
    catch (error) {
      if (front.signal.aborted) return
      call.error = error
      call.settle('broken')
      front.breakOff(error)
    }
  }

  async function decide(call: OpenCall): Promise<Reply> {
    try {
      return await upstream.respond(call)
    }
    catch (error) {
      call.error = error
      return { status: 500, error: { message: `The respond() of the fake upstream threw: ${String(error)}` } }
    }
  }

  function announce(call: OpenCall): void {
    if (calls[call.index] !== call) return // of before a `clear`
    for (const { index, resolve } of waiting) if (index === call.index) resolve(call)
    waiting = waiting.filter(({ index }) => index !== call.index)
  }

  const upstream: FakeUpstream = {
    fetch: createFetch(handle, closing.signal),
    async listen(options) {
      const { listen } = await import('./listen')
      const port = await listen(handle, options)
      ports.push(port)
      return port
    },
    get calls() { return calls },
    call(index) {
      const call = calls[index]
      return call?.complete ? Promise.resolve(call) : new Promise((resolve) => { waiting.push({ index, resolve }) })
    },
    respond,
    clear() { calls = [] },
    async close() {
      closing.abort()
      await Promise.all(ports.map(port => port.close()))
    },
  }
  return upstream
}

async function answer(call: OpenCall, reply: Reply, front: Front): Promise<'sent' | 'broken'> {
  front.signal.throwIfAborted()
  const answer = writeAnswer(reply, call)
  const { send, ...channel } = 'raw' in answer ? front.startRaw() : front.start(answer)
  const counted = (chunk: Uint8Array) => {
    call.sentBytes += chunk.byteLength
    return send(chunk)
  }
  return play('raw' in answer ? answer.raw : answer.body, { ...channel, send: counted }, front.signal)
}
