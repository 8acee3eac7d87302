import type { StreamPart, ToolCall, ToolCallPart } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'
import { emptyResult } from '../run/snapshot'
import type { Stream } from '../run/stream'
import { addResult, closeParts, convertParts, NO_PARTS } from './messages'
import { countSteps, isAnswered, openCalls, replaceCall, runCall } from './tools'
import type { OpenCall, Tools } from './tools'
import type { ToolUIPart, UIMessage, UIPart } from './ui-message'

/** What a turn needs of the conversation around it. */
export interface TurnHost {
  /** Posts what has been said so far, the turn's own message included. Its progress comes back by `show` and `ended`. */
  request: () => Promise<StreamResult>
  /** Where the request is under way: when it stops, `ended` is called before that returns. */
  stream: Stream
  tools: () => Tools
  maxSteps: () => number
  /** The model, or a tool, is at work, and has nothing new to show yet. */
  working: () => void
  /** The model has called tools, whose answers come next: what is known is to be stored before they do anything. */
  calling: () => void
  /** The first part since then has come. */
  shown: () => void
  /** Called once, at the end, with the message as it stays. */
  settled: (message: UIMessage, result: StreamResult) => void
  warn: (message: string) => void
}

/**
 * One answer of the assistant: model calls and tools in turn, until there is nothing left to do or somebody has to be
 * waited for. It writes to its own message and to no other.
 */
export interface Turn {
  /** The message while it grows. Its `parts` and `metadata` are replaced, never mutated. */
  readonly message: UIMessage
  /** Calls the model. */
  step: () => void
  /** Shows a call to the model that was left, after those parts of the message that came before it. */
  comeBack: (request: () => Promise<StreamResult>, base: readonly UIPart[]) => void
  /** What the request under way has brought by now. */
  show: (parts: readonly StreamPart[]) => void
  /** The request under way has ended. To be told so twice does no harm. */
  ended: (result: StreamResult) => void
  /** A call of the request under way, with the id by which it is answered: the upstream's own, unless there was none or another has it. */
  named: (call: ToolCall) => ToolCall
  /** The app, or its user, has said something about a call; it counts once the answer that made the call is whole. */
  reply: (call: ToolUIPart) => void
  /** Ends it now. Tools hear of it by their signal, and what they still answer is dropped. */
  stop: () => void
  /** Ends it with what could not even be asked. */
  finish: (result: StreamResult) => void
  /** Ends it as if it had not been. */
  drop: () => void
  /** Settles with the last result when the message does; never rejects. */
  readonly result: Promise<StreamResult>
}

export function createTurn(message: UIMessage, host: TurnHost): Turn {
  const controller = new AbortController()
  const early = new Map<string, ToolUIPart>()
  let base: readonly UIPart[] = []
  let converted = NO_PARTS
  let last: StreamResult | undefined
  let requesting = false
  let executing = 0
  let over = false
  let settle!: (result: StreamResult) => void // the promise's constructor sets it
  const result = new Promise<StreamResult>((resolve) => { settle = resolve })

  function step(request = host.request, before: readonly UIPart[] = message.parts): void {
    const own = base = [...before, { type: 'step-start' as const }]
    converted = NO_PARTS
    requesting = true
    host.working()
    // Where each call had its answer early, the next request is under way before this promise has settled.
    void request().then(result => base === own && ended(result))
  }

  function show(parts: readonly StreamPart[]): void {
    if (!requesting || parts.length === 0) return
    const first = converted === NO_PARTS
    converted = convertParts(parts, converted, { isKnown: name => Object.hasOwn(host.tools(), name), idPrefix: `${message.id}-${base.length}-` })
    message.parts = [...base, ...converted.parts]
    if (first) host.shown()
  }

  function ended(result: StreamResult): void {
    if (!requesting) return
    requesting = false
    last = result
    message.metadata = addResult(message.metadata, result, host.stream.id())
    if (result.outcome === 'tool-calls') runTools()
    else finish(result)
  }

  /** Outside of the reading of the answer, whose last hooks are called first. */
  function runTools(): void {
    host.working()
    for (const call of early.values()) put(call)
    early.clear()
    host.calling()
    void count(Promise.all(openCalls(message).map(execute)))
  }

  /** Goes on when the last of what is under way is done. */
  async function count(work: Promise<unknown>): Promise<void> {
    executing++
    await work
    executing--
    proceed()
  }

  async function execute(call: OpenCall): Promise<void> {
    const done = await runCall(call, host.tools(), controller.signal)
    // Whoever has answered meanwhile was first.
    if (!over && openCalls(message).includes(call)) put(done)
  }

  function put(call: ToolUIPart): void {
    message.parts = replaceCall(message.parts, call)
  }

  function proceed(): void {
    if (executing > 0 || over) return
    if (isAnswered(message)) {
      if (countSteps(message) < host.maxSteps()) return step()
      host.warn(`The model called tools ${host.maxSteps()} times in a row and was not asked again: raise \`maxSteps\` if that is too few.`)
    }
    finish(last ?? emptyResult('tool-calls'))
  }

  function finish(final: StreamResult): void {
    if (over) return
    over = true
    requesting = false
    host.settled({ ...message, parts: closeParts(message.parts) }, final)
    settle(final)
  }

  return {
    message,
    step: () => step(),
    comeBack: step,
    show,
    ended,
    named(call) {
      const shown = converted.parts[converted.source.indexOf(call as ToolCallPart)] as ToolUIPart | undefined // what a call becomes
      return shown ? { ...call, id: shown.toolCallId } : call
    },
    reply(call) {
      if (requesting) return void (early.has(call.toolCallId) || early.set(call.toolCallId, call)) // the first word counts
      put(call)
      host.working()
      void count(call.state === 'approval-responded' ? execute(call as OpenCall) : Promise.resolve())
    },
    stop() {
      controller.abort()
      if (requesting) host.stream.stop()
      if (over) return
      if (message.metadata) message.metadata = { ...message.metadata, outcome: 'stopped' }
      finish({ ...last ?? emptyResult('stopped'), outcome: 'stopped' })
    },
    finish,
    drop() {
      over = true
      requesting = false
      settle(emptyResult('stopped'))
    },
    result,
  }
}
