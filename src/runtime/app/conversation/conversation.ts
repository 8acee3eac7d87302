import type { StreamPart, ToolCall } from '../../shared/parts'
import type { StreamResult } from '../../shared/result'
import { emptyResult, toStatus } from '../run/snapshot'
import { busy, failure, invalid, notInBrowser } from '../run/failures'
import type { FilesInput } from './files'
import type { ConversationHost, ConversationState } from './host'
import { emptyConversation } from './host'
import { newId } from './id'
import { editText, keepCount, replaceMessage, resumePoint } from './list'
import { answer, askAgain, findCall, replaceCall, respond } from './tools'
import { createTurn } from './turn'
import type { Turn } from './turn'
import type { ToolUIPart, UIMessage, UIPart } from './ui-message'

/** What the user says: words, files, or both. */
export type SendInput = string | { text?: string, files?: FilesInput }

export interface Conversation {
  send: (input: SendInput) => Promise<StreamResult>
  regenerate: (id?: string) => Promise<StreamResult>
  edit: (id: string, text: string) => Promise<StreamResult>
  addToolResult: (callId: string, output: unknown) => Promise<StreamResult | null>
  approve: (callId: string, yes: boolean) => Promise<StreamResult | null>
  setMessages: (messages: readonly UIMessage[] | ((messages: UIMessage[]) => readonly UIMessage[])) => void
  stop: () => void
  clear: () => void
  disconnect: () => void
  resume: (runId?: string) => Promise<StreamResult | null>
  /** What the request under way shows now; with its result once it has ended. */
  progress: (parts: readonly StreamPart[], result?: StreamResult) => void
  /** A call that it makes, with the id by which it is answered here. */
  named: (call: ToolCall) => ToolCall
}

/** A verb that waits for its turn. */
interface Waiting {
  begin: () => Promise<StreamResult>
  settle: (result: Promise<StreamResult> | StreamResult) => void
}

/** The verbs of a conversation. One turn is under way at a time; what is shown changes in the same step as the call. */
export function createConversation(host: ConversationHost): Conversation {
  let turn: Turn | undefined
  /** The message that the turn's own will follow; the list is not its own while a turn waits for its first part. */
  let before: string | undefined
  let queue: Waiting[] = []

  const list = () => host.state.value.messages
  const update = (change: Partial<ConversationState>): void => {
    host.state.value = { ...host.state.value, ...change }
  }

  /** Begins now, later or not at all, by the policy. */
  function admit(begin: () => Promise<StreamResult>): Promise<StreamResult> {
    if (!host.active) return Promise.resolve(emptyResult('failed', notInBrowser()))
    if (!turn && queue.length === 0) return begin()
    switch (host.concurrency()) {
      case 'replace':
        turn?.stop()
        return begin()
      case 'queue': return new Promise(settle => queue.push({ begin, settle }))
      case 'reject': return Promise.resolve(emptyResult('failed', busy()))
    }
  }

  /** Begins a turn on a message that is in the list, or will follow it. */
  function open(message: UIMessage): Turn {
    const live = host.live(message)
    turn = createTurn(live, {
      ...host,
      request: () => post(live),
      working: () => update({ status: 'submitted' }),
      calling: () => host.persist(plain()),
      shown: () => update({ status: 'streaming', ...(!list().includes(live) && { messages: [...list(), live] }) }),
      settled: (message, result) => settled(live, message, result),
    })
    before = list().at(-1)?.id
    update({ status: 'submitted', outcome: null, error: null, messages: replaceMessage(list(), live) })
    return turn
  }

  function settled(live: UIMessage, message: UIMessage, { outcome, error, usage }: StreamResult): void {
    turn = undefined
    const shown = list().includes(live)
    update({
      ...(shown && { messages: replaceMessage(list(), host.seal(message)) }),
      status: toStatus(outcome ?? 'ready'),
      outcome,
      error,
      usage: message.metadata?.usage ?? usage,
    })
    if (shown) host.persist(list())
    goOn()
  }

  /** Begins what waits: the next, and those behind it where that one is refused. */
  function goOn(): void {
    while (!turn) {
      const next = queue.shift()
      if (!next) return
      next.settle(next.begin())
    }
  }

  /** Posts what has been said, unless it has been stopped while that was made into a request. */
  async function post(live: UIMessage): Promise<StreamResult> {
    host.persist(plain())
    try {
      const made = host.toBody(plain())
      const body = made instanceof Promise ? await made : made // without a wait where none is needed
      return turn?.message === live ? await host.stream.start(body) : emptyResult('stopped')
    }
    catch (cause) {
      return emptyResult('failed', failure('The request could not be made', cause))
    }
  }

  /** The messages as values to store or to send: of the one that grows, what it is now. */
  function plain(): UIMessage[] {
    return list().map(message => message === turn?.message ? { ...message } : message)
  }

  function ask(messages: UIMessage[]): Promise<StreamResult> {
    update({ messages })
    const opened = open(newAnswer())
    opened.step()
    return opened.result
  }

  function askWithFiles(text: string, files: FilesInput): Promise<StreamResult> {
    const opened = open(newAnswer())
    import('./files').then(({ toFileParts }) => toFileParts(files)).then((parts) => {
      if (turn !== opened) return
      const message = fromUser(text ? [...parts, { type: 'text', text }] : parts)
      before = message.id
      update({ messages: [...list(), message] })
      opened.step()
    }, cause => opened.finish(emptyResult('failed', failure('A file could not be read', cause))))
    return opened.result
  }

  /** Answers the messages that `keep` leaves. It is asked again when the turn has come. */
  function askAnew(keep: () => UIMessage[], problem: string): Promise<StreamResult> {
    if (keep().length === 0) return refuse(problem)
    return admit(() => {
      const messages = keep()
      return messages.length > 0 ? ask(messages) : refuse(problem)
    })
  }

  function newAnswer(): UIMessage {
    return { id: newId(), role: 'assistant', parts: [] }
  }

  function fromUser(parts: UIPart[]): UIMessage {
    return host.seal({ id: newId(), role: 'user', parts })
  }

  function refuse(message: string): Promise<StreamResult> {
    const error = invalid(message)
    if (host.active && !turn) update({ status: 'error', outcome: 'failed', error })
    return Promise.resolve(emptyResult('failed', error))
  }

  /** Puts the word on a call, and goes on where the conversation still stands at it. */
  function reply(message: UIMessage, call: ToolUIPart): Promise<StreamResult | null> {
    if (message === turn?.message) {
      turn.reply(call)
      return turn.result
    }
    if (turn || message !== list().at(-1)) {
      if (call.state === 'approval-responded') return Promise.resolve(null) // nobody waits for what it would bring
      const sealed = host.seal({ ...message, parts: replaceCall(message.parts, call) })
      update({ messages: replaceMessage(list(), sealed) })
      host.persist(plain())
      return Promise.resolve(null)
    }
    const opened = open(message)
    opened.reply(call)
    return opened.result
  }

  /** Ends the turn that is under way by `end`, and those that wait. */
  function endAll(end: () => void): void {
    const waiting = queue
    queue = []
    end()
    for (const { settle } of waiting) settle(emptyResult('stopped'))
  }

  const stop = () => endAll(() => turn?.stop())

  return {
    send(input) {
      const { text = '', files = [] } = typeof input === 'string' ? { text: input } : input ?? {}
      if (!text && files.length === 0) return refuse('There is nothing to send yet: write something, or add a file.')
      return admit(() => files.length > 0 ? askWithFiles(text, files) : ask([...list(), fromUser([{ type: 'text', text }])]))
    },
    regenerate: id => askAnew(() => list().slice(0, keepCount(list(), id)), 'There is no such message to answer.'),
    edit: (id, text) => askAnew(() => {
      const index = list().findIndex(message => message.id === id && message.role === 'user')
      return list().slice(0, index + 1).map((message, at) => at === index ? host.seal(editText(message, text)) : message)
    }, 'There is no such message of the user\'s to edit.'),
    async addToolResult(callId, output) {
      const found = findCall(list(), callId)
      return found && found.call.state !== 'approval-requested' ? reply(found.message, answer(found.call, output)) : null
    },
    async approve(callId, yes) {
      const found = findCall(list(), callId)
      return found?.call.state === 'approval-requested' ? reply(found.message, respond(found.call, yes)) : null
    },
    setMessages(given) {
      const messages = typeof given === 'function' ? given(list()) : given
      const kept = new Set(list())
      const live = turn?.message
      const place = live && kept.has(live) ? live.id : before
      const last = messages.at(-1)
      const isOwn = last && (kept.has(last) || last.id === live?.id)
      update({ messages: (isOwn ? messages : askAgain(messages, host.tools)).map((message) => {
        if (kept.has(message)) return message
        return message.id === live?.id ? live : host.seal(message)
      }) })
      if (place !== undefined && !messages.some(({ id }) => id === place)) turn?.stop()
    },
    stop,
    clear() {
      update({ messages: [] })
      stop()
      host.stream.reset()
      host.state.value = emptyConversation()
    },
    disconnect: () => endAll(() => {
      const left = turn
      host.stream.disconnect()
      if (turn === left) turn?.stop() // tools cannot be left
    }),
    async resume(runId) {
      if (turn) return turn.result
      if (!host.active) return null
      const state = host.state.value
      const point = resumePoint(state.messages, runId)
      const opened = open(point?.message ?? newAnswer())
      let found = true
      opened.comeBack(async () => {
        const result = await host.stream.resume(runId ?? point?.runId)
        if (result) return result
        found = false
        opened.drop()
        if (turn === opened) {
          turn = undefined
          // What was said meanwhile stays.
          update({ ...state, messages: point ? replaceMessage(list(), point.message) : list() })
          goOn()
        }
        return emptyResult('stopped')
      }, point?.base ?? [])
      const result = await opened.result
      return found ? result : null
    },
    progress(parts, result) {
      turn?.show(parts)
      if (result) turn?.ended(result)
    },
    named: call => turn?.named(call) ?? call,
  }
}
